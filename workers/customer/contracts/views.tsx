import { formatMoney } from "../../../shared/ui/text.tsx";
import { deviceNames } from "../devices.ts";
import type { Contract } from "./contract.ts";

/** How long an answer takes, in hours or, from two days on, in days. */
export const within = (hours: number) => (hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`);

export const ContractCards = ({ contracts }: { contracts: readonly Contract[] }) => (
	<ul class="cards">
		{contracts.map(({ name, summary, devices, coverage, responseHours, price }) => (
			<li class="card">
				<h2>{name}</h2>
				<p>{summary}</p>
				<ul class="ticks">
					{coverage.map((point) => (
						<li>{point}</li>
					))}
					<li>An expert answers within {within(responseHours)}</li>
				</ul>
				<p class="quiet small">For: {devices.map((device) => deviceNames[device]).join(", ")}</p>
				<p class="last">
					<span class="price">{formatMoney(price)}</span> <span class="quiet">a month</span>
				</p>
			</li>
		))}
	</ul>
);
