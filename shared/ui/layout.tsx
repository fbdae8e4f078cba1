import { raw } from "hono/html";
import type { Child } from "hono/jsx";

/** A file under a name with its hash in it, and what its content must be (Subresource Integrity, SHA-384). */
export interface Asset {
	readonly path: string;
	readonly integrity: string;
}

export interface LayoutProps {
	/** What this page is, for the window and for the search of one among many. */
	readonly title: string;
	readonly assets: { readonly styles: Asset; readonly favicon: Asset };
	/** The only script of the page. */
	readonly script?: Asset | undefined;
	/** Label and path of the pages that each page leads to. */
	readonly links: readonly (readonly [label: string, path: string])[];
	/** The path of the link under which this page belongs. */
	readonly current?: string | undefined;
	readonly signedIn: boolean;
	/** Without a button to sign out: for a page that may send no form. */
	readonly formless?: boolean | undefined;
	readonly children: Child;
}

/** A whole document: what is around the content of every page. */
export const Layout = ({ title, assets, script, links, current, signedIn, formless, children }: LayoutProps) => (
	<>
		{raw("<!doctype html>")}
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<title>{title} – Sysops Squad</title>
				<link rel="icon" type="image/svg+xml" href={assets.favicon.path} />
				<link rel="stylesheet" href={assets.styles.path} integrity={assets.styles.integrity} crossorigin="anonymous" />
				{script && <script type="module" src={script.path} integrity={script.integrity} crossorigin="anonymous" />}
			</head>
			<body>
				<a class="skip" href="#content">
					Skip to the content
				</a>
				<header class="top">
					<div class={signedIn ? "width" : "width short"}>
						<a class="brand" href="/">
							<img src={assets.favicon.path} alt="" width="32" height="32" />
							Sysops Squad
						</a>
						{links.length > 0 && (
							<nav class={signedIn ? "nav full" : "nav"} aria-label="Main">
								<ul>
									{links.map(([label, path]) => (
										<li>
											<a href={path} aria-current={path === current ? "page" : undefined}>
												{label}
											</a>
										</li>
									))}
								</ul>
							</nav>
						)}
						{signedIn && !formless && (
							<form method="post" action="/sign-out">
								<button type="submit">Sign out</button>
							</form>
						)}
					</div>
				</header>
				<main id="content" class="width" tabindex={-1}>
					{children}
				</main>
				<footer class="bottom">
					<p class="width">Sysops Squad: support for home electronics by Penultimate Electronics</p>
				</footer>
			</body>
		</html>
	</>
);
