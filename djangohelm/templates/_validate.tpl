{{/* Values that contradict each other, or that leave out what the application cannot start without, stop here with advice. */}}
{{- define "djangohelm.validate" -}}
{{- include "djangohelm.refuseFormerValues" . -}}
{{- $problems := list -}}

{{- if and .Values.postgresql.enabled .Values.externalDatabase.host -}}
{{- $problems = append $problems "Two databases are configured. Set postgresql.enabled=false to use externalDatabase, or empty externalDatabase.host to use the bundled one." -}}
{{- end -}}
{{- if not (or .Values.postgresql.enabled .Values.externalDatabase.host) -}}
{{- $problems = append $problems "No database is configured. Set externalDatabase.host, or postgresql.enabled=true for the bundled one." -}}
{{- end -}}
{{- if and (not .Values.postgresql.enabled) .Values.externalDatabase.host -}}
{{- if not (or .Values.externalDatabase.password .Values.externalDatabase.existingSecret) -}}
{{- $problems = append $problems "The external database has no password. Set externalDatabase.existingSecret (with externalDatabase.passwordKey) or externalDatabase.password." -}}
{{- end -}}
{{- if and .Values.externalDatabase.password .Values.externalDatabase.existingSecret -}}
{{- $problems = append $problems "Set either externalDatabase.password or externalDatabase.existingSecret, not both." -}}
{{- end -}}
{{- $user := .Values.externalDatabase.user -}}
{{- if and $user .Values.externalDatabase.username (ne $user .Values.externalDatabase.username) -}}
{{- $problems = append $problems "externalDatabase.user and externalDatabase.username name two users. Keep externalDatabase.username." -}}
{{- end -}}
{{- if not (or $user .Values.externalDatabase.username) -}}
{{- $problems = append $problems "The external database has no user. Set externalDatabase.username." -}}
{{- end -}}
{{- end -}}

{{- if not (include "djangohelm.siteUrl" .) -}}
{{- $problems = append $problems "The shop has no address. Set app.siteUrl to the one that visitors type (https://shop.example.org); mails and payments lead back to it. With an Ingress or an HTTPRoute their first host will do." -}}
{{- end -}}
{{- if and (eq .Values.app.settingsModule "app.settings.production") (not .Values.email.host) (not (hasKey .Values.config "DJANGOAPP_EMAIL_HOST")) -}}
{{- $problems = append $problems "Buyers get their confirmations by mail, and no mail server is configured. Set email.host." -}}
{{- end -}}

{{- if .Values.secrets.existingSecret -}}
{{- if include "djangohelm.givenSecrets" . | fromYaml -}}
{{- $problems = append $problems (printf "secrets.existingSecret holds every secret, but the values give some as well (%s). Move them into that Secret." (include "djangohelm.givenSecrets" . | fromYaml | keys | sortAlpha | join ", ")) -}}
{{- end -}}
{{- else -}}
{{- if and (or .Values.stripe.liveSecretKey .Values.stripe.testSecretKey) (not .Values.stripe.webhookSecret) -}}
{{- $problems = append $problems "A Stripe key is set without the webhook's signing secret. Set stripe.webhookSecret." -}}
{{- end -}}
{{- if and (or .Values.s3.bucket .Values.s3.staticBucket (and .Values.backup.enabled .Values.backup.s3.bucket)) (not (and .Values.s3.accessKeyId .Values.s3.secretAccessKey)) -}}
{{- $problems = append $problems "A bucket is set without its keys. Set s3.accessKeyId and s3.secretAccessKey, or put them into secrets.existingSecret." -}}
{{- end -}}
{{- end -}}
{{- range $name, $path := include "djangohelm.secretSettings" . | fromYaml | merge (dict "DATABASE_PASSWORD" "externalDatabase.password") -}}
{{- if hasKey $.Values.config $name -}}
{{- $problems = append $problems (printf "config.%s would lie open in a ConfigMap. Set %s, or put it into an existing Secret." $name $path) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.s3.staticBucket (not .Values.s3.staticUrl) -}}
{{- $problems = append $problems "s3.staticBucket needs s3.staticUrl, the address by which browsers reach it." -}}
{{- end -}}

{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- $problems = append $problems "httpRoute.enabled needs httpRoute.parentRefs: the Gateways that the route attaches to." -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- $problems = append $problems "ingress.enabled needs ingress.hosts." -}}
{{- end -}}
{{- if eq .Values.migrations.mode "hook" -}}
{{- if or .Values.postgresql.enabled (not .Values.externalDatabase.existingSecret) (not .Values.secrets.existingSecret) -}}
{{- $problems = append $problems "migrations.mode=hook runs before anything else of the release exists. It needs an external database, externalDatabase.existingSecret and secrets.existingSecret. Otherwise keep migrations.mode=job." -}}
{{- end -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (lt (int .Values.autoscaling.maxReplicas) (int .Values.autoscaling.minReplicas)) -}}
{{- $problems = append $problems "autoscaling.maxReplicas is smaller than autoscaling.minReplicas." -}}
{{- end -}}
{{- if and (not .Values.media.persistence.enabled) (not .Values.s3.bucket) (or .Values.autoscaling.enabled (gt (int .Values.replicaCount) 1)) -}}
{{- $problems = append $problems "Several web pods need a common place for uploads. Set media.persistence.enabled=true or s3.bucket." -}}
{{- end -}}
{{- if and (eq (toString (get (ternary (dict) .Values.image (kindIs "string" .Values.image)) "tag")) "latest") -}}
{{- $problems = append $problems "image.tag=latest says nothing about what runs, and rolling back would lead nowhere. Name a version, a commit or a digest." -}}
{{- end -}}
{{- if hasSuffix ":latest" (include "djangohelm.image" .) -}}
{{- $problems = append $problems "image ends with :latest. Name a version, a commit or a digest." -}}
{{- end -}}
{{- if not (regexMatch "[:@][^/]*$" (include "djangohelm.image" .)) -}}
{{- $problems = append $problems "image names neither a tag nor a digest, which would mean :latest. Name a version, a commit or a digest." -}}
{{- end -}}

{{- if $problems -}}
{{- fail (printf "\n\n%s" (join "\n" ($problems | uniq))) -}}
{{- end -}}
{{- end -}}
