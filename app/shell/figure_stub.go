package shell

func numeric(s string) bool { return false }
