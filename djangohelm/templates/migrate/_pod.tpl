{{/* The pod that brings the database in step. Its hash names the Job, so everything that matters to a migration stands in here. */}}
{{- define "djangohelm.migrate.pod" -}}
{{- $isHook := eq .Values.migrations.mode "hook" -}}
metadata:
  labels:
    {{- include "djangohelm.podLabels" (list . "migrate") | nindent 4 }}
  {{- /* The token names another Job, so that a migration that failed runs again once its Secret is mended. */}}
  {{- $rollout := include "djangohelm.rolloutAnnotation" . }}
  {{- if or $rollout .Values.podAnnotations }}
  annotations:
    {{- with $rollout }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  {{- end }}
spec:
  {{- if $isHook }}
  {{- /* A hook runs before our ServiceAccount exists. */}}
  serviceAccountName: {{ ternary "default" (include "djangohelm.serviceAccountName" .) .Values.serviceAccount.create | quote }}
  {{- include "djangohelm.podSpecOfAnyAccount" . | indent 2 }}
  {{- else }}
  {{- include "djangohelm.podSpec" . | nindent 2 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # Its pods stay when they fail, so that their logs can be read.
  restartPolicy: Never
  containers:
    - name: migrate
      {{- include "djangohelm.container" . | nindent 6 }}
      args: ["migrate"]
      {{- if $isHook }}
      {{- /* Nor does our ConfigMap. */}}
      envFrom:
        {{- include "djangohelm.envFromSecrets" . | nindent 8 }}
      env:
        {{- range $name, $value := include "djangohelm.configuration" . | fromYaml }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
        {{- include "djangohelm.directEnv" . | nindent 8 }}
      {{- else }}
      envFrom:
        {{- include "djangohelm.envFrom" . | nindent 8 }}
      env:
        {{- include "djangohelm.directEnv" . | nindent 8 }}
      {{- end }}
      resources:
        {{- toYaml .Values.migrations.resources | nindent 8 }}
      volumeMounts:
        {{- include "djangohelm.volumeMounts" (list . "") | nindent 8 }}
  volumes:
    {{- include "djangohelm.volumes" (list . "") | nindent 4 }}
{{- end -}}
