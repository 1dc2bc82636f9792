package shell

// Actions is what a person can do, said in words: marks of a figure, buttons of a dialogue, and keys all speak it.
// Every method is called on the UI goroutine.
type Actions interface {
	// Patch sets pairs of the shared state ("layer=5&head=1", see state.Patch): one step of undo.
	Patch(pairs string)
	// Drag is Patch while something is dragged: the figures follow, and only the end is a step of undo.
	Drag(pairs string, end bool)
	// Do does what figure.Do.. name ("choose=123", "change=..", "find", "replace" (the token at now; "replace=3 17": token 3 by that with id 17), "open", "model=ID", "file", "folder") and
	// "cancel", "undo", "redo", "start" (to the first token), "step", "generate", "stop", "edit", "close" (the dialogue
	// that is open), "theme", "lang", "keys", "singles" (single letters as keys, on or off), "share", "table", "svg",
	// "png", "csv", "again" (run again as it was), "report=N" and "dismiss=N" (the N-th notice), "menu", "sampling" (the phone's),
	// "fetch=.." (see fetchDo), "chat" (into the chat template, or out of it), "mask" (the
	// token at now), "fast" (generate with less accuracy, or not), "about" (what was read), "correct" (open again with what was corrected there), and of what could
	// not be opened "add" (a file), "numbers" (no tokenizer), "weights=NAME" (that model of several), "family=NAME" (as one of those).
	Do(what string)
}
