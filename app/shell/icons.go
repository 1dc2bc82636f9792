package shell

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// icon draws one of the shell's few pictures.
func icon(name string) app.UI { return app.Raw(icons[name]) }

const ic = `" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="1.4">`

var icons = map[string]string{
	"mark": `<svg width="22" height="22" viewBox="0 0 22 22` + ic + `<circle cx="9.5" cy="9.5" r="7" stroke-width="1.8"/>` +
		`<path d="M14.8 14.8L20 20" stroke-width="2.4" stroke-linecap="round"/><path class="nowl" d="M9.5 4.6v9.8" stroke-width="1.8"/></svg>`,
	"share":    `<svg width="16" height="16" viewBox="0 0 16 16` + ic + `<path d="M8 10V2M5 4.6L8 1.8l3 2.8M3 8v5.5h10V8" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
	"theme":    `<svg width="16" height="16" viewBox="0 0 16 16` + ic + `<circle cx="8" cy="8" r="5.6"/><path d="M8 2.4a5.6 5.6 0 010 11.2z" fill="currentColor" stroke="none"/></svg>`,
	"more":     `<svg width="16" height="16" viewBox="0 0 16 16` + ic + `<g fill="currentColor" stroke="none"><circle cx="3" cy="8" r="1.3"/><circle cx="8" cy="8" r="1.3"/><circle cx="13" cy="8" r="1.3"/></g></svg>`,
	"start":    `<svg width="12" height="12" viewBox="0 0 12 12` + ic + `<path d="M10 1.5v9L4 6z" fill="currentColor" stroke="none"/><path d="M2.6 1.5v9" stroke-width="1.6"/></svg>`,
	"step":     `<svg width="12" height="12" viewBox="0 0 12 12` + ic + `<path d="M2 1.5v9l6-4.5z" fill="currentColor" stroke="none"/><path d="M9.4 1.5v9" stroke-width="1.6"/></svg>`,
	"generate": `<svg width="14" height="12" viewBox="0 0 14 12` + ic + `<path d="M1 1.5v9L7 6zM7 1.5v9L13 6z" fill="currentColor" stroke="none"/></svg>`,
	"stop":     `<svg width="14" height="12" viewBox="0 0 14 12` + ic + `<path d="M2.5 1.5h9v9h-9z" fill="currentColor" stroke="none"/></svg>`,
	"arrow":    `<svg width="16" height="8" viewBox="0 0 16 8` + ic + `<path d="M0 4h14.5M11.5 1l3 3-3 3" stroke-width="1"/></svg>`,
}
