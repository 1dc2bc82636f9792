// Runs before the first paint: the theme must not flash, and storage must not throw.
"use strict";

// A sandboxed frame may not touch storage: its very getter throws, which would end the Go program. There it is memory.
for (const name of ["localStorage", "sessionStorage"]) {
	try {
		window[name].length;
	} catch {
		const kept = new Map();
		Object.defineProperty(window, name, { value: {
			get length() { return kept.size; },
			key: (i) => [...kept.keys()][i] ?? null,
			getItem: (k) => kept.get(String(k)) ?? null,
			setItem: (k, v) => void kept.set(String(k), String(v)),
			removeItem: (k) => void kept.delete(String(k)),
			clear: () => kept.clear(),
		} });
	}
}

{
	const root = document.documentElement;
	const dark = matchMedia("(prefers-color-scheme: dark)").matches;
	const theme = localStorage.getItem("loupe.theme");
	root.dataset.theme = theme === "light" || theme === "dark" ? theme : dark ? "dark" : "light";
	const lang = localStorage.getItem("loupe.lang") || navigator.language || "en";
	root.lang = lang.startsWith("zh") ? "zh-Hans" : "en";
}
