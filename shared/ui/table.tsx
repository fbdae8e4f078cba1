import type { Child } from "hono/jsx";

export interface TableProps {
	/** What the table is about, for who cannot see where it stands. */
	readonly caption: string;
	readonly columns: readonly string[];
	/** The first cell names the row. */
	readonly rows: readonly (readonly Child[])[];
	/** The last row, with what the others add up to. */
	readonly total?: readonly [label: string, amount: Child] | undefined;
	/** Whether the last column is of amounts, to be compared digit by digit. Otherwise a phone stacks the cells. */
	readonly amounts?: boolean;
}

export const Table = ({ caption, columns, rows, total, amounts = false }: TableProps) => {
	const classOf = (i: number) => (amounts && i === columns.length - 1 ? "amount" : undefined);
	return (
		<table class={amounts ? undefined : "stacks"}>
			<caption class="visually-hidden">{caption}</caption>
			<thead>
				<tr>
					{columns.map((column, i) => (
						<th scope="col" class={classOf(i)}>
							{column}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map(([name, ...cells]) => (
					<tr>
						<th scope="row">{name}</th>
						{cells.map((cell, i) => (
							<td class={classOf(i + 1)}>{cell}</td>
						))}
					</tr>
				))}
			</tbody>
			{total && (
				<tfoot>
					<tr>
						<th scope="row" colspan={columns.length - 1}>
							{total[0]}
						</th>
						<td class="amount">{total[1]}</td>
					</tr>
				</tfoot>
			)}
		</table>
	);
};
