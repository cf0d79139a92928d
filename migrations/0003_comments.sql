COMMENT ON VIEW rollcall.drift_findings IS 'Every finding ever made, one row each: what does not agree between a source and the identities.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.id IS 'Number of the finding; `rollcall explain ID` tells its story.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.fingerprint IS 'What makes it the same finding again: internal source id, rule and subject.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.source IS 'Source of the judged row or credential; where the subject is an identity, the application.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.rule IS 'Name of the rule.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.severity IS 'low, medium, high or critical.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.status IS 'open, held (by the conclusion breaker), waived or resolved.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.account_id IS 'The vendor''s own id of the account; null where the subject is an identity or a credential.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.account_email IS 'E-mail of the account when the finding last changed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.account_name IS 'Name of the account when the finding last changed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.identity_id IS 'The identity''s id in its authoritative source; null when there is none.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.identity_source IS 'Name of the authoritative source of identity_id.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.identity_email IS 'E-mail of the identity when the finding last changed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.summary IS 'One sentence for a person.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.evidence IS 'What the finding rests on. leaver_account: days_exposed is computed when read, from left_on to now or to the resolution, in company days.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.first_detected_at IS 'When it was first detected, ever; kept when it is reopened.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.last_detected_at IS 'Derived. Not resolved: finish of the last report in which its rule ran for its source. Resolved: finish of the report before the resolving one. Never before it last opened.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.resolved_at IS 'When it was resolved; null while it is not.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.resolution IS 'Why it was resolved.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.waived_until IS 'Last day of the waiver in force.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_findings.report_id IS 'The report that last changed this finding.';
--> statement-breakpoint
COMMENT ON VIEW rollcall.drift_reports IS 'One row a reconciliation.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.id IS 'Number of the report.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.started_at IS 'When the reconciliation began.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.finished_at IS 'When it ended.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.verdicts IS 'By source: the listing that the report rests on, its verdict and age.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.withheld IS 'Rules that did not run, for which source and why.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.opened IS 'Findings opened or reopened by this report.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.resolved IS 'Findings resolved by this report.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.open IS 'Findings open after it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.held IS 'Findings held after it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.waived IS 'Findings waived after it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.drift_reports.baseline IS 'source/rule pairs whose first report this was.';
--> statement-breakpoint
COMMENT ON VIEW rollcall.roster IS 'The current row of each account and identity; rows that are gone stay, marked.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.source IS 'Name of the source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.external_id IS 'The vendor''s own id of the row, as opaque text; the normalised e-mail where a source has no ids.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.email IS 'E-mail in normal form; as the vendor gave it when it cannot be parsed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.aliases IS 'Other e-mail addresses of the same row, in normal form.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.employee_id IS 'Employee number, as the source gives it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.given_name IS 'Given name.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.family_name IS 'Family name.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.display_name IS 'Name as the source shows it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.status IS 'active, inactive, pending, on_leave or unknown.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.kind IS 'human, service or unknown.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.role IS 'Role in the source, in its own words.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.privileged IS 'True when the role is one of the configured privilegedRoles.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.title IS 'Job title.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.department IS 'Department.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.manager_id IS 'external_id of the manager in the same source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.start_date IS 'First day, a plain date of the company calendar.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.end_date IS 'Last day, a plain date of the company calendar.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.last_active_at IS 'Last activity that the source reports; refreshed in place, without a version.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.source_created_at IS 'When the source says it made the row; refreshed in place.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.source_updated_at IS 'When the source says it last changed the row; refreshed in place.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.situation IS 'identity (row of an authoritative source), linked, unmatched or disputed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.identity_id IS 'Id of the linked identity in its authoritative source; null when there is no link.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.link_rule IS 'How the link was made: pinned, employee_id, email, alias or relinked.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.first_seen_at IS 'Finish of the run that first saw the row; kept when it comes back.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.last_seen_at IS 'Derived. Present: finish of the source''s last complete full listing. Gone: of the last one before the row was gone. Never before the row''s own version.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.roster.gone_at IS 'Finish of the run that concluded that the row is gone; null while it is present.';
--> statement-breakpoint
COMMENT ON VIEW rollcall.sync_runs IS 'One row a listing judged: the evidence of completeness.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.id IS 'Number of the run.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.source IS 'Name of the source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.mode IS 'full, delta or hint.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.verdict IS 'complete, incomplete, deferred or suspicious.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.reason IS 'Why it is not complete.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.started_at IS 'When reading began.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.finished_at IS 'When the listing was recorded; versions of this run start here.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.pages IS 'Pages read.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.requests IS 'Requests made, retries included.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.rows_seen IS 'Rows received, repeats included.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.distinct_ids IS 'Different ids among them.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.declared_total IS 'The total that every page declared, if they agreed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.rows_changed IS 'Versions written: rows new, changed or back.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.rows_gone IS 'Rows concluded gone.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.digest IS 'SHA-256 over the run, its rows and the previous digest: the chain shows a run taken out or altered.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.sync_runs.previous_digest IS 'Digest of the run before in this source.';
--> statement-breakpoint
COMMENT ON VIEW rollcall.leaver_clock IS 'How long each leaver kept access: one row a leaver_account finding.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.source IS 'Name of the application.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.account_id IS 'The vendor''s own id of the account.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.identity_id IS 'The identity''s id in its authoritative source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.left_on IS 'The day on which the person left.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.first_detected_at IS 'When the finding was first detected.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.access_removed_at IS 'Finish of the first run, since the finding last opened, that saw the account inactive or gone.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.hours_exposed IS 'From the end of left_on in the company zone (status or absence: from the run that saw it) to access_removed_at, to the resolution, else to now.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.breach IS 'True when hours_exposed is more than slaHours.';
--> statement-breakpoint
COMMENT ON VIEW rollcall.source_health IS 'One row a configured source: can its data be trusted now?';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.source IS 'Name of the source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.type IS 'Type of the source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.authoritative IS 'True when its rows are identities.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.last_complete_at IS 'Finish of the last complete full listing.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.last_verdict IS 'Verdict of the last listing of any mode.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.stale IS 'True when there was no complete full listing yet or the last one is older than maxAge.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.breaker IS 'Open breakers by kind (baseline, conclusion, source); null when none is open.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.accounts IS 'Rows present.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.open_findings IS 'Findings open.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.seat_cost_at_risk IS 'What the seats of its open findings cost a month; null until prices are configured.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.account_version IS 'Each version of each row: valid from the run that saw it until the run that saw something else, or nothing. Part of the interface.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.source_id IS 'Internal id of the source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.external_id IS 'The vendor''s own id of the row, as opaque text; the normalised e-mail where a source has no ids.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.from_run IS 'The run that saw this version first.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.to_run IS 'The run that ended it; null while it is current.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.valid_from IS 'Finish of from_run; the range includes it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.valid_to IS 'Finish of to_run; the range excludes it. Null while it is current.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.email IS 'E-mail in normal form; as the vendor gave it when it cannot be parsed.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.aliases IS 'Other e-mail addresses of the same row, in normal form.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.employee_id IS 'Employee number, as the source gives it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.given_name IS 'Given name.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.family_name IS 'Family name.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.display_name IS 'Name as the source shows it.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.status IS 'active, inactive, pending, on_leave or unknown.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.kind IS 'human, service or unknown.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.role IS 'Role in the source, in its own words.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.privileged IS 'True when the role is one of the configured privilegedRoles.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.title IS 'Job title.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.department IS 'Department.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.manager_id IS 'external_id of the manager in the same source.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.start_date IS 'First day, a plain date of the company calendar.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.end_date IS 'Last day, a plain date of the company calendar.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.flags IS 'What was cleaned or could not be read.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.account_version.content_hash IS 'SHA-256 of the content fields: equal means unchanged.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.setting IS 'One row of facts that the views compute with.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.source IS 'One row a configured source; never deleted, only retired.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.sync_run IS 'Append-only evidence of each listing; see view sync_runs.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.account IS 'The current row of each source, narrow; gone rows stay, marked.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.account_key IS 'Normalised e-mails, aliases and employee ids: what correlation joins on.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.stage IS 'Listings on their way in: ids, hashes and whether they differ. Unlogged.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.stage_row IS 'Full rows of what differs, on their way in. Unlogged.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.link IS 'Which identity an account belongs to, why, and who said so.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.finding IS 'Current state of each finding; see view drift_findings.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.finding_event IS 'Append-only history of findings.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.drift_report IS 'One row a reconciliation; see view drift_reports.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.rule_state IS 'Baseline and last report of each rule for each source.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.waiver IS 'Findings that a person has accepted, until a day.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.breaker IS 'Brakes that have tripped, and who released them.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.breaker_loss IS 'The rows that a source breaker showed as lost: what its release covers.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.credential IS 'Encrypted OAuth tokens. For the worker alone.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.audit IS 'Append-only: who released, waived or linked, when and why.';
--> statement-breakpoint
COMMENT ON FUNCTION rollcall.roster_at(text, timestamptz) IS 'The rows of a source that were present at a moment.';
--> statement-breakpoint
COMMENT ON FUNCTION rollcall.analyze_stage() IS 'Refreshes statistics of the staging tables, for a worker that does not own them.';
--> statement-breakpoint
COMMENT ON FUNCTION rollcall.analyze_roster() IS 'Refreshes statistics of the roster tables, for a worker that does not own them.';
