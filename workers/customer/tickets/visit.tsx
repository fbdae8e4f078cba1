/** Built once: making a formatter costs more than formatting. */
const day = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** When the expert comes, in words. */
export const VisitTime = ({ visit }: { visit: { readonly from: string; readonly to: string } }) => {
	const [from, to] = [new Date(visit.from), new Date(visit.to)];
	const begins = day.format(from);
	const ends = day.format(to);
	return (
		<time datetime={visit.from}>
			{begins === ends ? (
				<>
					{begins}, <span class="whole">{`${clock.format(from)}–${clock.format(to)} UTC`}</span>
				</>
			) : (
				`${begins}, ${clock.format(from)} – ${ends}, ${clock.format(to)} UTC`
			)}
		</time>
	);
};
