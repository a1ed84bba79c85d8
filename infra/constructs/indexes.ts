/** The table's overloaded indexes: somebody's work, everything of a kind by state and time, the open things of an account. */
export const indexes = ['gsi1', 'gsi2', 'gsi3'] as const;
