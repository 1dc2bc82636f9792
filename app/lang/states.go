package lang

var enStates = map[string]string{}

var zhStates = map[string]string{}
