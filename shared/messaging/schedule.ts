/** Cron Triggers that every Worker with messages has, in UTC. */
export const relayCron = "* * * * *";
export const pruneCron = "17 * * * *";
