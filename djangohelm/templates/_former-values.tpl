{{/*
Keys of earlier charts. Those that still mean the same are ordinary values; each of the others stops the rendering with the name
of what took its place. None is ignored. The handbook's page on upgrading has the same table.
*/}}
{{- define "djangohelm.formerValues" -}}
initContainerImage: "is gone: the application's own image waits for its database; remove it"
pullPolicy: "is now image.pullPolicy"
djangoappFernetKey: "is now secrets.fernetKey, or the key DJANGOAPP_FERNET_KEY of secrets.existingSecret"
djangoappCustomTimezone: "is now app.timeZone"
djangoappLogLevel: "is now app.logLevel"
djangoappAdminDefaultUrl: "is now app.adminPath"
djangoappEmailHostUser: "is now email.username (and email.host must be set)"
djangoappEmailHostPassword: "is now email.password, or the key DJANGOAPP_EMAIL_PASSWORD of secrets.existingSecret"
djangoappAwsId: "is now s3.accessKeyId, or the key DJANGOAPP_AWS_ACCESS_KEY_ID of secrets.existingSecret"
djangoappAwsKey: "is now s3.secretAccessKey, or the key DJANGOAPP_AWS_SECRET_ACCESS_KEY of secrets.existingSecret"
djangoappBucket: "is now s3.bucket"
djangoappStripeLivePub: "is now stripe.livePublicKey"
djangoappStripeLiveKey: "is now stripe.liveSecretKey, or the key DJANGOAPP_STRIPE_LIVE_SECRET_KEY of secrets.existingSecret"
djangoappStripeTestPub: "is now stripe.testPublicKey"
djangoappStripeTestKey: "is now stripe.testSecretKey, or the key DJANGOAPP_STRIPE_TEST_SECRET_KEY of secrets.existingSecret"
djangoappStripeWebHook: "is now stripe.webhookSecret, or the key DJANGOAPP_STRIPE_WEBHOOK_SECRET of secrets.existingSecret"
service.externalPort: "is now service.port"
service.internalPort: "is gone: the container listens on port 8000; service.port is what others see"
postgresql.postgresqlUsername: "is now postgresql.auth.username"
postgresql.postgresqlPassword: "is now postgresql.auth.password"
postgresql.postgresqlDatabase: "is now postgresql.auth.database"
postgresql.service: "is now postgresql.primary.service (its port: postgresql.primary.service.ports.postgresql)"
postgresql.persistence: "is now postgresql.primary.persistence"
myappTag: "is now image.tag"
myappPort: "is now service.port"
imageRegistry: "is now image.registry"
databaseUser: "is now externalDatabase.username, or postgresql.auth.username for the bundled database"
databasePassword: "is now externalDatabase.password or .existingSecret, or postgresql.auth.password for the bundled database"
databaseName: "is now externalDatabase.database, or postgresql.auth.database for the bundled database"
databaseHostnameSuffix: "is gone: externalDatabase.host takes the whole name, and the bundled database is found by itself"
databaseMigrationSuffix: "is gone: migrations run in a Job of their own, see migrations.mode"
{{- end -}}

{{- define "djangohelm.refuseFormerValues" -}}
{{- range $path, $sentence := include "djangohelm.formerValues" . | fromYaml -}}
{{- $place := $.Values -}}
{{- $steps := splitList "." $path -}}
{{- range initial $steps -}}
{{- $place = get (ternary $place (dict) (kindIs "map" $place)) . | default dict -}}
{{- end -}}
{{- if and (kindIs "map" $place) (hasKey $place (last $steps)) -}}
{{- fail (printf "\n\nThe value %s %s." $path $sentence) -}}
{{- end -}}
{{- end -}}
{{- end -}}
