{{/* What the pods have in common. */}}

{{/*
Annotations that restart pods when what they read at their start has changed. Never a hash of something random.
Expects a list: the root context, the container that commands are for when they name none.
*/}}
{{- define "djangohelm.podAnnotations" -}}
{{- $root := index . 0 -}}
kubectl.kubernetes.io/default-container: {{ index . 1 | quote }}
checksum/config: {{ include "djangohelm.configuration" $root | sha256sum | quote }}
{{- if not $root.Values.secrets.existingSecret }}
checksum/secrets: {{ include "djangohelm.givenSecrets" $root | sha256sum | quote }}
{{- end }}
{{- with include "djangohelm.rolloutAnnotation" $root }}
{{ . }}
{{- end }}
{{- with $root.Values.podAnnotations }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- end -}}

{{- define "djangohelm.rolloutAnnotation" -}}
{{- with .Values.rolloutToken -}}
djangohelm/rollout-token: {{ include "djangohelm.text" . | quote }}
{{- end -}}
{{- end -}}

{{/* Labels of a pod. Expects a list: the root context, the component. */}}
{{- define "djangohelm.podLabels" -}}
{{- $root := index . 0 -}}
{{ include "djangohelm.selectorLabels" . }}
{{- with include "djangohelm.database.clientLabel" $root }}
{{ . }}
{{- end }}
{{- with $root.Values.podLabels }}
{{ tpl (toYaml .) $root }}
{{- end }}
{{- end -}}

{{/* The component is part of the selector, or the Service would send visitors to the worker. */}}
{{- define "djangohelm.selectorLabels" -}}
{{ include "djangohelm.instanceLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 | quote }}
{{- end -}}

{{/* Everything of a pod's spec that does not depend on what it does. */}}
{{- define "djangohelm.podSpec" -}}
serviceAccountName: {{ include "djangohelm.serviceAccountName" . | quote }}
{{- include "djangohelm.podSpecOfAnyAccount" . }}
{{- end -}}

{{/* Begins with a line break. */}}
{{- define "djangohelm.podSpecOfAnyAccount" }}
{{- with (include "djangohelm.pullSecrets" .) }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
automountServiceAccountToken: false
# Variables such as SHOP_PORT=tcp://… that Kubernetes would add for every Service collide with settings.
enableServiceLinks: false
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "djangohelm.pullSecrets" -}}
{{- $own := get (ternary (dict) .Values.image (kindIs "string" .Values.image)) "pullSecrets" -}}
{{- range concat (($.Values.global).imagePullSecrets | default list) ($own | default list) | uniq }}
- name: {{ ternary . (get (ternary (dict) . (kindIs "string" .)) "name") (kindIs "string" .) | quote }}
{{- end }}
{{- end -}}

{{/*
Affinity. A volume that one node alone can mount keeps all pods that use it on that node, also while a new pod takes over from
an old one.
*/}}
{{- define "djangohelm.affinity" -}}
{{- $affinity := deepCopy (.Values.affinity | default dict) -}}
{{- if eq (include "djangohelm.media.staysOnOneNode" .) "true" -}}
{{- $together := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict
  "matchLabels" (include "djangohelm.instanceLabels" . | fromYaml)
  "matchExpressions" (list (dict "key" "app.kubernetes.io/component" "operator" "In" "values" (list "web" "worker" "backup")))) -}}
{{- $podAffinity := get $affinity "podAffinity" | default dict -}}
{{- $required := append (get $podAffinity "requiredDuringSchedulingIgnoredDuringExecution" | default list) $together -}}
{{- $_ := set $podAffinity "requiredDuringSchedulingIgnoredDuringExecution" $required -}}
{{- $_ := set $affinity "podAffinity" $podAffinity -}}
{{- end -}}
{{- with $affinity -}}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Spread over nodes and zones as far as possible. Expects a list: the root context, the component. */}}
{{- define "djangohelm.spread" -}}
{{- $root := index . 0 -}}
topologySpreadConstraints:
{{- if $root.Values.topologySpreadConstraints }}
  {{- toYaml $root.Values.topologySpreadConstraints | nindent 2 }}
{{- else }}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "djangohelm.selectorLabels" (list $root (index $ 1)) | nindent 8 }}
    matchLabelKeys: ["pod-template-hash"]
{{- end }}
{{- end }}
{{- end -}}

{{/* Image and safety of a container of the application. */}}
{{- define "djangohelm.container" -}}
image: {{ include "djangohelm.image" . | quote }}
imagePullPolicy: {{ include "djangohelm.pullPolicy" . | quote }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
{{- end -}}

{{/* Where a container of the application gets its settings. */}}
{{- define "djangohelm.envFrom" -}}
- configMapRef:
    name: {{ include "djangohelm.configMapName" . | quote }}
{{ include "djangohelm.envFromSecrets" . }}
{{- end -}}

{{- define "djangohelm.envFromSecrets" -}}
- secretRef:
    name: {{ include "djangohelm.secretName" . | quote }}
{{- with .Values.extraEnvFrom }}
{{ include "djangohelm.tpl" (list $ .) }}
{{- end }}
{{- end -}}

{{- define "djangohelm.env" -}}
{{ include "djangohelm.database.env" (list . "") }}
{{- include "djangohelm.extraEnv" . }}
{{- end -}}

{{- define "djangohelm.directEnv" -}}
{{ include "djangohelm.database.env" (list . "direct") }}
{{- include "djangohelm.extraEnv" . }}
{{- end -}}

{{- define "djangohelm.extraEnv" -}}
{{- with .Values.extraEnv }}
{{ include "djangohelm.tpl" (list $ .) }}
{{- end }}
{{- end -}}

{{/* The root filesystem cannot be written to; these folders can. Expects a list: the root context, "media" or "". */}}
{{- define "djangohelm.volumeMounts" -}}
{{- $root := index . 0 -}}
- name: tmp
  mountPath: /tmp
{{- if and (index . 1) (include "djangohelm.media.onVolume" $root) }}
- name: media
  mountPath: /srv/media
{{- end }}
{{- include "djangohelm.database.certificateMount" $root }}
{{- with $root.Values.extraVolumeMounts }}
{{ include "djangohelm.tpl" (list $root .) }}
{{- end }}
{{- end -}}

{{- define "djangohelm.volumes" -}}
{{- $root := index . 0 -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ $root.Values.tmpSizeLimit | quote }}
{{- if and (index . 1) (include "djangohelm.media.onVolume" $root) }}
- name: media
  {{- if $root.Values.media.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ include "djangohelm.media.claimName" $root | quote }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- end }}
{{- include "djangohelm.database.certificateVolume" $root }}
{{- with $root.Values.extraVolumes }}
{{ include "djangohelm.tpl" (list $root .) }}
{{- end }}
{{- end -}}

{{- define "djangohelm.database.certificateMount" -}}
{{- if and (not .Values.postgresql.enabled) .Values.externalDatabase.sslRootCertificate.existingSecret }}
- name: database-ca
  mountPath: /etc/database-ca
  readOnly: true
{{- end }}
{{- end -}}

{{- define "djangohelm.database.certificateVolume" -}}
{{- if and (not .Values.postgresql.enabled) .Values.externalDatabase.sslRootCertificate.existingSecret }}
- name: database-ca
  secret:
    secretName: {{ tpl .Values.externalDatabase.sslRootCertificate.existingSecret . | quote }}
{{- end }}
{{- end -}}

{{/* Uploaded files are on a volume unless a bucket keeps them. */}}
{{- define "djangohelm.media.onVolume" -}}
{{- if not .Values.s3.bucket -}}true{{- end -}}
{{- end -}}

{{- define "djangohelm.media.claimName" -}}
{{- default (include "djangohelm.part" (list . "media")) (tpl .Values.media.persistence.existingClaim .) -}}
{{- end -}}

{{- define "djangohelm.media.staysOnOneNode" -}}
{{- $claim := .Values.media.persistence -}}
{{- and (include "djangohelm.media.onVolume" .) $claim.enabled (has "ReadWriteOnce" $claim.accessModes) (not (has "ReadWriteMany" $claim.accessModes)) -}}
{{- end -}}

{{/* Waits, in one process that asks the database again and again, until the migrations of this version have run. */}}
{{- define "djangohelm.waitForMigrations" -}}
- name: wait-for-migrations
  {{- include "djangohelm.container" . | nindent 2 }}
  args: ["wait-for-migrations", "--timeout", {{ include "djangohelm.text" .Values.migrations.waitSeconds | quote }}]
  envFrom:
    {{- include "djangohelm.envFrom" . | nindent 4 }}
  env:
    {{- include "djangohelm.env" . | nindent 4 }}
  resources:
    {{- toYaml .Values.migrations.resources | nindent 4 }}
  volumeMounts:
    {{- include "djangohelm.volumeMounts" (list . "") | nindent 4 }}
{{- end -}}

{{/* How pods are replaced. Recreate knows no rollingUpdate, which the default values have. */}}
{{- define "djangohelm.strategy" -}}
{{- toYaml (ternary (dict "type" "Recreate") .Values.strategy (eq (toString (.Values.strategy).type) "Recreate")) -}}
{{- end -}}

{{/* Longer than the longest migration: until it is done, new pods wait. */}}
{{- define "djangohelm.progressDeadlineSeconds" -}}
{{- add (max (int .Values.migrations.waitSeconds) (int .Values.migrations.activeDeadlineSeconds)) 120 -}}
{{- end -}}

{{/* What the web server is told besides: how many processes and threads, and how long they may take. */}}
{{- define "djangohelm.web.env" -}}
- name: GUNICORN_WORKERS
  value: {{ include "djangohelm.text" .Values.web.workers | quote }}
- name: GUNICORN_THREADS
  value: {{ include "djangohelm.text" .Values.web.threads | quote }}
- name: GUNICORN_TIMEOUT_SECONDS
  value: {{ include "djangohelm.text" .Values.web.timeoutSeconds | quote }}
- name: GUNICORN_GRACEFUL_TIMEOUT_SECONDS
  value: {{ include "djangohelm.text" .Values.web.gracefulTimeoutSeconds | quote }}
- name: GUNICORN_KEEPALIVE_SECONDS
  value: {{ include "djangohelm.text" .Values.web.keepAliveSeconds | quote }}
- name: GUNICORN_MAX_REQUESTS
  value: {{ include "djangohelm.text" .Values.web.maxRequests | quote }}
{{- end -}}
