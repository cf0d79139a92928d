/** Fields of contract §3 that make a version, by their column names and in the contract's order. */
export const CONTENT_FIELDS = [
  'external_id',
  'email',
  'aliases',
  'employee_id',
  'given_name',
  'family_name',
  'display_name',
  'status',
  'kind',
  'role',
  'privileged',
  'title',
  'department',
  'manager_id',
  'start_date',
  'end_date',
] as const;

/** Those that are refreshed in place, without a version. */
export const INSTANT_FIELDS = ['last_active_at', 'source_created_at', 'source_updated_at'] as const;
