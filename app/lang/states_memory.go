package lang

var enStatesMemory = map[string]string{}

var zhStatesMemory = map[string]string{}
