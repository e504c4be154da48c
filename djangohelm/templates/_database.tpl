{{/*
Where the database is. With the bundled one every name is asked from the subchart's own helpers, in the subchart's context:
what it is called depends on its architecture, its overrides and the release's name.
*/}}

{{- define "djangohelm.database.host" -}}
{{- if .Values.postgresql.enabled -}}
{{- include "postgresql.v1.primary.fullname" .Subcharts.postgresql -}}
{{- else -}}
{{- tpl .Values.externalDatabase.host . -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.database.port" -}}
{{- if .Values.postgresql.enabled -}}
{{- include "postgresql.v1.service.port" .Subcharts.postgresql -}}
{{- else -}}
{{- include "djangohelm.text" .Values.externalDatabase.port -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.database.name" -}}
{{- if .Values.postgresql.enabled -}}
{{- include "postgresql.v1.database" .Subcharts.postgresql -}}
{{- else -}}
{{- .Values.externalDatabase.database -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.database.user" -}}
{{- if .Values.postgresql.enabled -}}
{{- include "postgresql.v1.username" .Subcharts.postgresql -}}
{{- else -}}
{{- .Values.externalDatabase.username | default .Values.externalDatabase.user -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.database.secretName" -}}
{{- if .Values.postgresql.enabled -}}
{{- include "postgresql.v1.secretName" .Subcharts.postgresql -}}
{{- else if .Values.externalDatabase.existingSecret -}}
{{- tpl .Values.externalDatabase.existingSecret . -}}
{{- else -}}
{{- include "djangohelm.part" (list . "external-db") -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.database.passwordKey" -}}
{{- if .Values.postgresql.enabled -}}
{{- include "postgresql.v1.userPasswordKey" .Subcharts.postgresql -}}
{{- else if .Values.externalDatabase.existingSecret -}}
{{- .Values.externalDatabase.passwordKey -}}
{{- else -}}
password
{{- end -}}
{{- end -}}

{{/*
The Secret that we make for the bundled database. The subchart's values spell this name (postgresql.auth.existingSecret), and
they know the release's name but neither nameOverride nor fullnameOverride of this chart.
*/}}
{{- define "djangohelm.database.ownSecretName" -}}
{{- printf "%s-djangohelm-db" .Release.Name -}}
{{- end -}}

{{/* Past a pool of connections, where there is one: migrations keep a lock of their connection, and pg_dump a snapshot. */}}
{{- define "djangohelm.database.directHost" -}}
{{- $direct := ternary "" .Values.externalDatabase.directHost .Values.postgresql.enabled -}}
{{- default (include "djangohelm.database.host" .) (tpl $direct .) -}}
{{- end -}}

{{- define "djangohelm.database.directPort" -}}
{{- $external := .Values.externalDatabase -}}
{{- if and (not .Values.postgresql.enabled) $external.directHost -}}
{{- include "djangohelm.text" ($external.directPort | default 5432) -}}
{{- else -}}
{{- include "djangohelm.database.port" . -}}
{{- end -}}
{{- end -}}

{{/* For `make backup` and `make restore`, which read it from the web pods' Deployment. */}}
{{- define "djangohelm.database.direct" -}}
{{- printf "%s:%s" (include "djangohelm.database.directHost" .) (include "djangohelm.database.directPort" .) -}}
{{- end -}}

{{/* Environment of a pod that speaks to the database through Django. Expects a list: the root context, "direct" or "". */}}
{{- define "djangohelm.database.env" -}}
{{- $isDirect := index . 1 -}}
{{- with index . 0 -}}
- name: DATABASE_HOSTNAME
  value: {{ include (ternary "djangohelm.database.directHost" "djangohelm.database.host" (not (empty $isDirect))) . | quote }}
- name: DATABASE_PORT
  value: {{ include (ternary "djangohelm.database.directPort" "djangohelm.database.port" (not (empty $isDirect))) . | quote }}
- name: DATABASE_NAME
  value: {{ include "djangohelm.database.name" . | quote }}
- name: DATABASE_USER
  value: {{ include "djangohelm.database.user" . | quote }}
- name: DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "djangohelm.database.secretName" . | quote }}
      key: {{ include "djangohelm.database.passwordKey" . | quote }}
{{- include "djangohelm.database.sslEnv" . }}
{{- end -}}
{{- end -}}

{{/* Environment of a pod that runs PostgreSQL's own programs. */}}
{{- define "djangohelm.database.clientEnv" -}}
- name: PGHOST
  value: {{ include "djangohelm.database.directHost" . | quote }}
- name: PGPORT
  value: {{ include "djangohelm.database.directPort" . | quote }}
- name: PGDATABASE
  value: {{ include "djangohelm.database.name" . | quote }}
- name: PGUSER
  value: {{ include "djangohelm.database.user" . | quote }}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "djangohelm.database.secretName" . | quote }}
      key: {{ include "djangohelm.database.passwordKey" . | quote }}
{{- include "djangohelm.database.sslEnv" . }}
{{- end -}}

{{- define "djangohelm.database.sslEnv" -}}
{{- if not .Values.postgresql.enabled }}
{{- with .Values.externalDatabase.sslMode }}
- name: PGSSLMODE
  value: {{ . | quote }}
{{- end }}
{{- if .Values.externalDatabase.sslRootCertificate.existingSecret }}
- name: PGSSLROOTCERT
  value: "/etc/database-ca/{{ .Values.externalDatabase.sslRootCertificate.key }}"
{{- end }}
{{- end }}
{{- end -}}

{{/* Every pod of ours may speak to a bundled database that admits clients by their label only. */}}
{{- define "djangohelm.database.clientLabel" -}}
{{- if .Values.postgresql.enabled -}}
{{ include "djangohelm.database.host" . }}-client: "true"
{{- end -}}
{{- end -}}
