//go:build js

// Page is the program of the page: the shell with its views, joined to an engine in a worker.
package main

import (
	"loupe/app/shell"
	"loupe/wasm/browser"
)

func main() { shell.Mount(browser.Dial, browser.DialMapper) }
