{{/* A checksum of what a backup depends on. The CronJob carries it. */}}
{{- define "djangohelm.backup.checksum" -}}
{{- printf "%s %s %s" (toJson .Values.backup) (toJson .Values.s3) (include "djangohelm.database.clientEnv" .) | sha256sum -}}
{{- end -}}

{{/*
Whether a backup is made at once: when the cluster has no CronJob for it yet, or one of other settings. Nobody knows then whether backups work,
and no pod has bound their volume, for which `helm --wait` waits. A new image alone makes none: no rollout hangs on a backup.
*/}}
{{- define "djangohelm.backup.isFirst" -}}
{{- $present := lookup "batch/v1" "CronJob" .Release.Namespace (include "djangohelm.part" (list . "backup")) | default dict -}}
{{- if ne (dig "metadata" "annotations" "checksum/backup" "" $present) (include "djangohelm.backup.checksum" .) -}}true{{- end -}}
{{- end -}}
