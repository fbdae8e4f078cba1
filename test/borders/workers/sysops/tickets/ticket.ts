export interface Ticket {
	readonly id: string;
}
export const ticketOf = (id: string): Ticket => ({ id });
