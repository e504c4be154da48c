{{/*
When somebody should look. Every pod tells the same figures of the whole, so the largest is taken. The page on troubleshooting
tells what to do about each.
*/}}
{{- define "djangohelm.alerts" -}}
{{- $namespace := printf "namespace=%q" .Release.Namespace -}}
{{- $ours := printf "{%s,service=~%q}" $namespace (printf "%s.*metrics" (include "djangohelm.fullname" . | trunc 40)) -}}
{{- $with := trimSuffix "}" $ours -}}
- alert: ShopDown
  {{- /* The worker tells figures too, and it sells nothing. */}}
  expr: absent(shop_info{{ printf "{%s,service=%q}" $namespace (include "djangohelm.part" (list . "web-metrics")) }})
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: No web pod of the shop tells its figures.
    description: Nobody can buy. Look at the pods, and at what their last events say.
- alert: ShopOversold
  expr: max(shop_oversold_sessions{{ $ours }}) > 0
  labels: {severity: critical}
  annotations:
    summary: More places are sold than there are.
    description: This must never happen. Run manage.py check_integrity and close the session that it names.
- alert: ShopMoneyStranded
  expr: max(shop_payments_stranded{{ $ours }}) > 0
  for: 15m
  labels: {severity: critical}
  annotations:
    summary: Money came in that paid for nothing, and is not on its way back.
    description: Look at the payments in the admin, and at what Stripe says of them.
- alert: ShopPaymentsQuiet
  expr: max(shop_payments_quiet{{ $ours }}) > 0
  for: 20m
  labels: {severity: warning}
  annotations:
    summary: Nobody has had news of open payments for half an hour.
    description: Neither Stripe's notifications arrive nor can the worker ask. Look at Stripe's status, at the webhook endpoint and at the worker's logs.
- alert: ShopNotificationsLate
  expr: max(shop_webhook_delay_seconds{{ $ours }}) > 300
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: Stripe's notifications arrive minutes late.
    description: Bookings are confirmed by the worker instead, a little later. Look at the deliveries in Stripe's dashboard.
- alert: ShopRefundsStuck
  expr: max(shop_refund_oldest_seconds{{ $ours }}) > 172800
  for: 1h
  labels: {severity: warning}
  annotations:
    summary: A refund has been under way for two days.
    description: Look at the refund in the admin, and at Stripe's dashboard.
- alert: ShopWorkerLate
  expr: max(shop_worker_late_seconds{{ $ours }}) > 300
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: The worker does not work.
    description: Mails, late confirmations and the ends of holds wait. Nothing is lost. Look at the worker's pod.
- alert: ShopMailsOverdue
  expr: max(shop_mail_overdue_seconds{{ $ours }}) > 900
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: Mails have been waiting for a quarter of an hour.
    description: The mail server refuses or does not answer. The mails in the admin say why.
- alert: ShopMailsGivenUp
  expr: max(delta(shop_mails{{ $with }},state="failed"}[1h])) > 0
  labels: {severity: warning}
  annotations:
    summary: Mails were given up within the last hour.
    description: Somebody did not get a confirmation. The mails in the admin say whose and why.
- alert: ShopMigrationsMissing
  expr: max(shop_migrations_missing{{ $ours }}) > 0
  for: 20m
  labels: {severity: warning}
  annotations:
    summary: The database lacks migrations of the version that runs.
    description: Look at the migration's Job and its logs.
- alert: ShopFiguresMissing
  expr: min(shop_vitals_up{{ $ours }}) == 0
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: The shop cannot ask its database.
    description: Look at the database.
- alert: ShopErrors
  expr: >-
    sum(rate(django_http_responses_total_by_status_total{{ $with }},status=~"5.."}[5m]))
    / sum(rate(django_http_responses_total_by_status_total{{ $ours }}[5m])) > 0.02
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: More than 2 % of all answers are errors.
    description: The logs of the web pods have a traceback for each.
- alert: ShopSlow
  expr: >-
    histogram_quantile(0.95, sum by (le) (rate(django_http_requests_latency_seconds_by_view_method_bucket{{ $ours }}[5m]))) > 2
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: One page in twenty takes longer than two seconds.
    description: Add web pods (replicaCount, autoscaling), or look at what slows the database down.
{{- $nights := printf "{%s,cronjob=~%q}" $namespace (printf "%s|%s" (include "djangohelm.part" (list . "nightly")) (include "djangohelm.part" (list . "backup"))) }}
{{- /* By the CronJobs' own times: it ends with the next success, while a failed Job may stay for weeks. */}}
- alert: ShopNightFailed
  expr: >-
    kube_cronjob_status_last_schedule_time{{ $nights }} > kube_cronjob_status_last_successful_time{{ $nights }}
    or kube_cronjob_status_last_schedule_time{{ $nights }} unless kube_cronjob_status_last_successful_time{{ $nights }}
  # Longer than they may take.
  for: {{ add (max (int .Values.nightly.activeDeadlineSeconds) (int .Values.backup.activeDeadlineSeconds)) 600 }}s
  labels: {severity: warning}
  annotations:
    summary: A nightly job failed.
    description: Its logs say what does not add up, or why there is no backup.
{{- if .Values.backup.enabled }}
- alert: ShopBackupMissing
  {{- $cronJob := printf "{%s,cronjob=%q}" $namespace (include "djangohelm.part" (list . "backup")) }}
  {{- /* Where none ever succeeded, since the CronJob was made. */}}
  expr: time() - max(kube_cronjob_status_last_successful_time{{ $cronJob }} or kube_cronjob_created{{ $cronJob }}) > {{ mul (int .Values.backup.alertAfterHours) 3600 }}
  labels: {severity: critical}
  annotations:
    summary: There has been no backup for {{ .Values.backup.alertAfterHours | int }} hours.
    description: Look at the backup's CronJob and the logs of its last Job.
{{- end }}
{{- end -}}
