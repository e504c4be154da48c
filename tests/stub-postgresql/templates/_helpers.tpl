{{/* The helpers that a parent chart may ask, by the names that they have in Bitnami's chart. */}}

{{- define "postgresql.v1.chart.fullname" -}}
{{- if .Values.global.postgresql.fullnameOverride -}}
{{- .Values.global.postgresql.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $release := regexReplaceAll "(-?[^a-z\\d\\-])+-?" (lower .Release.Name) "-" -}}
{{- ternary $release (printf "%s-%s" $release $name) (contains $name $release) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "postgresql.v1.primary.fullname" -}}
{{- $base := include "postgresql.v1.chart.fullname" . -}}
{{- if eq .Values.architecture "replication" -}}
{{- printf "%s-%s" $base .Values.primary.name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $base -}}
{{- end -}}
{{- end -}}

{{- define "postgresql.v1.service.port" -}}
{{- .Values.global.postgresql.service.ports.postgresql | default .Values.primary.service.ports.postgresql -}}
{{- end -}}

{{- define "postgresql.v1.username" -}}
{{- .Values.auth.username -}}
{{- end -}}

{{- define "postgresql.v1.database" -}}
{{- .Values.auth.database -}}
{{- end -}}

{{- define "postgresql.v1.secretName" -}}
{{- $existing := .Values.global.postgresql.auth.existingSecret | default .Values.auth.existingSecret -}}
{{- ternary (tpl $existing .) (include "postgresql.v1.chart.fullname" .) (not (empty $existing)) -}}
{{- end -}}

{{- define "postgresql.v1.userPasswordKey" -}}
{{- if or (empty .Values.auth.username) (eq .Values.auth.username "postgres") -}}
{{- .Values.auth.secretKeys.adminPasswordKey -}}
{{- else if or .Values.global.postgresql.auth.existingSecret .Values.auth.existingSecret -}}
{{- .Values.auth.secretKeys.userPasswordKey -}}
{{- else -}}
password
{{- end -}}
{{- end -}}

{{- define "stub.labels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | quote }}
app.kubernetes.io/component: "primary"
{{- end -}}
