package lang

var enShell = map[string]string{}

var zhShell = map[string]string{}
