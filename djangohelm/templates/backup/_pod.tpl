{{/*
The pod that makes a backup: PostgreSQL's own program, of the server's version, writes the dump; the application keeps it.
Expects a list: the root context, whether it waits for the migrations first.
*/}}
{{- define "djangohelm.backup.pod" -}}
{{- $waits := index . 1 -}}
{{- $root := index . 0 -}}
{{- with $root -}}
{{- $backup := .Values.backup -}}
{{- $isBucket := not (empty $backup.s3.bucket) -}}
metadata:
  labels:
    {{- include "djangohelm.podLabels" (list . "backup") | nindent 4 }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- tpl (toYaml .) $root | nindent 4 }}
  {{- end }}
spec:
  {{- include "djangohelm.podSpec" . | nindent 2 }}
  {{- with include "djangohelm.affinity" . }}
  {{- . | nindent 2 }}
  {{- end }}
  restartPolicy: Never
  initContainers:
    {{- if $waits }}
    {{- include "djangohelm.waitForMigrations" . | nindent 4 }}
    {{- end }}
    - name: dump
      image: {{ include "djangohelm.imageName" (list . $backup.image "") | quote }}
      imagePullPolicy: {{ $backup.image.pullPolicy | quote }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      command: ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file=/work/database.dump"]
      env:
        {{- include "djangohelm.database.clientEnv" . | nindent 8 }}
      resources:
        {{- toYaml $backup.resources | nindent 8 }}
      volumeMounts:
        - name: work
          mountPath: /work
        - name: tmp
          mountPath: /tmp
        {{- with include "djangohelm.database.certificateMount" . }}
        {{- . | trim | nindent 8 }}
        {{- end }}
  containers:
    - name: keep
      {{- include "djangohelm.container" . | nindent 6 }}
      args:
        - manage
        - keep_backup
        - /work/database.dump
        {{- if $isBucket }}
        - --bucket={{ $backup.s3.bucket }}
        - --prefix={{ $backup.s3.prefix }}
        {{- else }}
        - --folder=/backups
        {{- end }}
        - --keep-days={{ $backup.keepDays | int }}
        - --keep-at-least={{ $backup.keepAtLeast | int }}
      envFrom:
        {{- include "djangohelm.envFrom" . | nindent 8 }}
      env:
        {{- include "djangohelm.env" . | nindent 8 }}
      resources:
        {{- toYaml $backup.resources | nindent 8 }}
      volumeMounts:
        {{- include "djangohelm.volumeMounts" (list . "media") | nindent 8 }}
        - name: work
          mountPath: /work
        {{- if not $isBucket }}
        - name: backups
          mountPath: /backups
        {{- end }}
  volumes:
    {{- include "djangohelm.volumes" (list . "media") | nindent 4 }}
    - name: work
      emptyDir:
        sizeLimit: {{ $backup.workSizeLimit | quote }}
    {{- if not $isBucket }}
    - name: backups
      persistentVolumeClaim:
        claimName: {{ include "djangohelm.backup.claimName" . | quote }}
    {{- end }}
{{- end -}}
{{- end -}}

{{- define "djangohelm.backup.claimName" -}}
{{- default (include "djangohelm.part" (list . "backups")) (tpl .Values.backup.persistence.existingClaim .) -}}
{{- end -}}
