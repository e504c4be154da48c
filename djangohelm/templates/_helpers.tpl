{{/* Names and labels. Every name of ours begins with djangohelm., for template names are shared with subcharts. */}}

{{- define "djangohelm.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The release's name, and the chart's unless the release is named after it already. */}}
{{- define "djangohelm.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "djangohelm.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/*
The name of a part: the full name and a suffix, cut before the suffix so that two parts never get the same name.
52 characters are what a CronJob's name may have; Jobs, pods and Services may have more.
Expects a list: the root context, the suffix.
*/}}
{{- define "djangohelm.part" -}}
{{- $root := index . 0 -}}
{{- $suffix := index . 1 -}}
{{- $most := int (sub 51 (len $suffix)) -}}
{{- printf "%s-%s" (include "djangohelm.fullname" $root | trunc $most | trimSuffix "-") $suffix -}}
{{- end -}}

{{- define "djangohelm.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of every object. */}}
{{- define "djangohelm.labels" -}}
helm.sh/chart: {{ include "djangohelm.chart" . | quote }}
{{ include "djangohelm.instanceLabels" . }}
app.kubernetes.io/version: {{ include "djangohelm.version" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: {{ include "djangohelm.name" . | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What all pods of a release have in common. */}}
{{- define "djangohelm.instanceLabels" -}}
app.kubernetes.io/name: {{ include "djangohelm.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* The version that runs: the image's tag, as far as a label can hold it. */}}
{{- define "djangohelm.version" -}}
{{- $tag := regexFind "[^:/]*$" (include "djangohelm.image" . | splitList "@" | first) -}}
{{- $tag | replace "+" "_" | trunc 63 | trimAll "-_." -}}
{{- end -}}

{{/*
Annotations of an object, as a part of its metadata: a line break and all, or nothing when there are none.
Expects a list: the root context, annotations of this object (may be empty).
*/}}
{{- define "djangohelm.annotations" -}}
{{- $root := index . 0 -}}
{{- with merge (dict) (index . 1 | default dict) ($root.Values.commonAnnotations | default dict) }}
  annotations:
    {{- tpl (toYaml .) $root | nindent 4 }}
{{- end }}
{{- end -}}

{{/*
An image by its map: registry/repository:tag, and @digest when one is given, which then counts. Expects a list: the root context, the map, the tag
that is used when the map has none.
*/}}
{{- define "djangohelm.imageName" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- if kindIs "string" $image -}}
{{- $image -}}
{{- else -}}
{{- $registry := default ($root.Values.global).imageRegistry $image.registry -}}
{{- $name := ternary (printf "%s/%s" $registry $image.repository) $image.repository (not (empty $registry)) -}}
{{- $tag := include "djangohelm.text" (default (index . 2) $image.tag) -}}
{{- ternary (printf "%s:%s@%s" $name $tag (toString $image.digest)) (printf "%s:%s" $name $tag) (not (empty $image.digest)) -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.image" -}}
{{- include "djangohelm.imageName" (list . .Values.image .Chart.AppVersion) -}}
{{- end -}}

{{- define "djangohelm.pullPolicy" -}}
{{- get (ternary (dict) .Values.image (kindIs "string" .Values.image)) "pullPolicy" | default "IfNotPresent" -}}
{{- end -}}

{{/* Render a value that may itself be a template. Expects a list: the root context, the value. */}}
{{- define "djangohelm.tpl" -}}
{{- $value := index . 1 -}}
{{- tpl (ternary $value (toYaml $value) (kindIs "string" $value)) (index . 0) -}}
{{- end -}}

{{/* A value as text. Numbers of values files are floating point; 31536000 must not become 3.1536e+07. */}}
{{- define "djangohelm.text" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{- int64 . -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "djangohelm.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "djangohelm.serviceName" -}}
{{- default (include "djangohelm.fullname" .) .Values.service.name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "djangohelm.hasApi" -}}
{{- if or (.root.Capabilities.APIVersions.Has .api) .root.Values.skipCapabilityChecks -}}true{{- end -}}
{{- end -}}
