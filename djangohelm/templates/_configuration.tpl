{{/* What the application is told: plain settings as a map for the ConfigMap, secret ones as a map for the Secret. */}}

{{/* Every host name by which visitors come: those of the Ingress and of the HTTPRoute, as a list under `hosts`. */}}
{{- define "djangohelm.hosts" -}}
{{- $hosts := list -}}
{{- if .Values.ingress.enabled -}}
{{- range .Values.ingress.hosts -}}
{{- $hosts = append $hosts (tpl (ternary . (get (ternary (dict) . (kindIs "string" .)) "host" | default "") (kindIs "string" .)) $) -}}
{{- end -}}
{{- end -}}
{{- if .Values.httpRoute.enabled -}}
{{- range .Values.httpRoute.hostnames -}}
{{- $hosts = append $hosts (tpl . $) -}}
{{- end -}}
{{- end -}}
{{- dict "hosts" ($hosts | compact | uniq) | toYaml -}}
{{- end -}}

{{/* The address that mails and payments lead back to: the one that is set, else the first host's that is no wildcard. */}}
{{- define "djangohelm.siteUrl" -}}
{{- if .Values.app.siteUrl -}}
{{- tpl .Values.app.siteUrl . | trimSuffix "/" -}}
{{- else -}}
{{- $hosts := list -}}
{{- range (include "djangohelm.hosts" . | fromYaml).hosts -}}
{{- $hosts = ternary $hosts (append $hosts .) (hasPrefix "*" .) -}}
{{- end -}}
{{- if $hosts -}}
{{- $isPlain := and .Values.ingress.enabled (not .Values.ingress.tls) (not .Values.httpRoute.enabled) (not .Values.app.sslRedirect) -}}
{{- printf "%s://%s" (ternary "http" "https" $isPlain) (first $hosts) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.siteHost" -}}
{{- (include "djangohelm.siteUrl" . | urlParse).host | splitList ":" | first -}}
{{- end -}}

{{/* The proxies between visitors and the shop: as many as are set, else one when there is an Ingress or an HTTPRoute. */}}
{{- define "djangohelm.proxies" -}}
{{- if kindIs "invalid" .Values.app.trustedProxyCount -}}
{{- ternary 1 0 (or .Values.ingress.enabled .Values.httpRoute.enabled) -}}
{{- else -}}
{{- int .Values.app.trustedProxyCount -}}
{{- end -}}
{{- end -}}

{{/* Settings that are no secrets, as a map of variables. Empty ones are left out: the application has its own defaults. */}}
{{- define "djangohelm.configuration" -}}
{{- $siteUrl := include "djangohelm.siteUrl" . -}}
{{- $hosts := (include "djangohelm.hosts" . | fromYaml).hosts -}}
{{- $allowed := list (include "djangohelm.siteHost" .) -}}
{{- $origins := list $siteUrl -}}
{{- range $hosts -}}
{{- /* Kubernetes' *.example.org is Django's .example.org. */}}
{{- $allowed = append $allowed (trimPrefix "*" .) -}}
{{- $origins = append $origins (printf "%s://%s" (ternary "https" "http" (hasPrefix "https:" $siteUrl)) .) -}}
{{- end -}}
{{- $allowed = concat $allowed .Values.app.allowedHosts | compact | uniq -}}
{{- $origins = concat $origins .Values.app.csrfTrustedOrigins | compact | uniq -}}
{{- $settings := dict
  "DJANGO_SETTINGS_MODULE" .Values.app.settingsModule
  "DJANGO_LOG_LEVEL" .Values.app.logLevel
  "DJANGOAPP_SITE_URL" $siteUrl
  "DJANGOAPP_SITE_NAME" .Values.app.siteName
  "DJANGOAPP_ALLOWED_HOSTS" (join "," $allowed)
  "DJANGOAPP_CSRF_TRUSTED_ORIGINS" (join "," $origins)
  "DJANGOAPP_ADMIN_DEFAULT_URL" .Values.app.adminPath
  "DJANGOAPP_CUSTOM_TIME_ZONE" .Values.app.timeZone
  "DJANGOAPP_TRUSTED_PROXY_COUNT" (include "djangohelm.proxies" .)
  "DJANGOAPP_SSL_REDIRECT" .Values.app.sslRedirect
  "DJANGOAPP_HSTS_SECONDS" .Values.app.hstsSeconds
  "DJANGOAPP_STAFF_SECOND_FACTOR" .Values.app.staffSecondFactor
  "DJANGOAPP_RATE_LIMIT_FACTOR" .Values.app.rateLimitFactor
  "DJANGOAPP_CHART_VERSION" .Chart.Version
  "DJANGOAPP_METRICS_PORT" (ternary "9090" "" .Values.metrics.enabled)
  "DJANGOAPP_CURRENCY" .Values.shop.currency
  "DJANGOAPP_HOLD_MINUTES" .Values.shop.holdMinutes
  "DJANGOAPP_HOLD_CEILING_MINUTES" .Values.shop.holdCeilingMinutes
  "DJANGOAPP_MAX_PLACES_PER_BUYER" .Values.shop.maxPlacesPerBuyer
  "DJANGOAPP_MAX_PLACES_PER_CART" .Values.shop.maxPlacesPerCart
  "DJANGOAPP_DESK_DEADLINE_HOURS" .Values.shop.deskDeadlineHours
  "DJANGOAPP_STUDIO_ADDRESS" .Values.shop.studioAddress
  "DJANGOAPP_VAT_NUMBER" .Values.shop.vatNumber
  "DJANGOAPP_CONTACT_EMAIL" .Values.shop.contactEmail
  "DJANGOAPP_EMAIL_HOST" .Values.email.host
  "DJANGOAPP_EMAIL_PORT" .Values.email.port
  "DJANGOAPP_EMAIL_USER" .Values.email.username
  "DJANGOAPP_EMAIL_USE_TLS" .Values.email.useTls
  "DJANGOAPP_EMAIL_FROM" .Values.email.from
  "DJANGOAPP_STRIPE_LIVE_PUBLIC_KEY" .Values.stripe.livePublicKey
  "DJANGOAPP_STRIPE_TEST_PUBLIC_KEY" .Values.stripe.testPublicKey
  "DJANGOAPP_STRIPE_WEBHOOK_UUID" .Values.stripe.webhookUuid
  "DJANGOAPP_GOOGLE_CLIENT_ID" .Values.google.clientId
  "DJANGOAPP_AWS_STORAGE_BUCKET_NAME" .Values.s3.bucket
  "DJANGOAPP_AWS_S3_ENDPOINT_URL" .Values.s3.endpointUrl
  "DJANGOAPP_AWS_S3_REGION_NAME" .Values.s3.region
  "DJANGOAPP_MEDIA_URL" .Values.s3.mediaUrl
  "DJANGOAPP_STATIC_BUCKET" .Values.s3.staticBucket
  "DJANGOAPP_STATIC_URL" .Values.s3.staticUrl
  "DJANGOAPP_MEDIA_ROOT" (ternary "" "/srv/media" (not (empty .Values.s3.bucket)))
  "DJANGOAPP_WORKERS" .Values.worker.processes
  "DATABASE_CONN_MAX_AGE_SECONDS" .Values.app.databaseConnectionSeconds
-}}
{{- $filled := dict -}}
{{- range $name, $value := mergeOverwrite $settings (.Values.config | default dict) -}}
{{- $text := include "djangohelm.text" $value -}}
{{- if and (ne $text "") (not (kindIs "invalid" $value)) -}}
{{- $_ := set $filled $name $text -}}
{{- end -}}
{{- end -}}
{{- toYaml $filled -}}
{{- end -}}

{{/* The port of an address: the one that it names, else its scheme's. */}}
{{- define "djangohelm.portOfUrl" -}}
{{- $named := regexReplaceAll "^[a-z0-9+]+://([^/]*@)?(\\[[^]]*\\]|[^:/?]*):?([0-9]*).*$" . "${3}" -}}
{{- $usual := dict "http" "80" "https" "443" "redis" "6379" "rediss" "6379" -}}
{{- default (get $usual (regexFind "^[a-z0-9]+" .)) $named -}}
{{- end -}}

{{/* Ports of the services that the settings name, as a list under `ports`. */}}
{{- define "djangohelm.egressPorts" -}}
{{- $settings := include "djangohelm.configuration" . | fromYaml -}}
{{- $ports := list "443" $settings.DJANGOAPP_EMAIL_PORT -}}
{{- range list $settings.DJANGOAPP_AWS_S3_ENDPOINT_URL $settings.DJANGOAPP_STRIPE_API_URL .Values.redis.url | compact -}}
{{- $ports = append $ports (include "djangohelm.portOfUrl" .) -}}
{{- end -}}
{{- with .Values.networkPolicy.redisPort -}}
{{- $ports = append $ports (include "djangohelm.text" .) -}}
{{- end -}}
{{- dict "ports" ($ports | compact | uniq) | toYaml -}}
{{- end -}}

{{- define "djangohelm.configMapName" -}}
{{- include "djangohelm.fullname" . -}}
{{- end -}}

{{- define "djangohelm.secretName" -}}
{{- if .Values.secrets.existingSecret -}}
{{- tpl .Values.secrets.existingSecret . -}}
{{- else -}}
{{- include "djangohelm.fullname" . -}}
{{- end -}}
{{- end -}}

{{/* Every secret setting, and the value that gives it. */}}
{{- define "djangohelm.secretSettings" -}}
DJANGOAPP_FERNET_KEY: secrets.fernetKey
DJANGOAPP_FERNET_KEY_FALLBACKS: secrets.fernetKeyFallbacks
DJANGOAPP_EMAIL_PASSWORD: email.password
DJANGOAPP_STRIPE_LIVE_SECRET_KEY: stripe.liveSecretKey
DJANGOAPP_STRIPE_TEST_SECRET_KEY: stripe.testSecretKey
DJANGOAPP_STRIPE_WEBHOOK_SECRET: stripe.webhookSecret
DJANGOAPP_GOOGLE_CLIENT_SECRET: google.clientSecret
DJANGOAPP_AWS_ACCESS_KEY_ID: s3.accessKeyId
DJANGOAPP_AWS_SECRET_ACCESS_KEY: s3.secretAccessKey
DJANGOAPP_REDIS_URL: redis.url
{{- end -}}

{{/* Secret settings that the values give, as a map of variables. The key that signs cookies is here only if it was given. */}}
{{- define "djangohelm.givenSecrets" -}}
{{- $filled := dict -}}
{{- range $name, $path := include "djangohelm.secretSettings" . | fromYaml -}}
{{- $steps := splitList "." $path -}}
{{- with get (get $.Values (first $steps)) (last $steps) -}}
{{- $_ := set $filled $name (join "," .) -}}
{{- end -}}
{{- end -}}
{{- toYaml $filled -}}
{{- end -}}

{{/*
A secret that may have to be made up: the given value, else the one that the cluster holds already, else a random one.
`lookup` finds nothing in `helm template` and under GitOps; there an existing Secret must be named.
Expects a map: root, secret (its name), key, given, length. Gives base64.
*/}}
{{- define "djangohelm.kept" -}}
{{- if .given -}}
{{- .given | toString | b64enc -}}
{{- else -}}
{{- $present := dig "data" .key "" (lookup "v1" "Secret" .root.Release.Namespace .secret | default dict) -}}
{{- $present | default (randAlphaNum .length | b64enc) -}}
{{- end -}}
{{- end -}}
