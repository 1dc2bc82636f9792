package lang

var enStatesUnit = map[string]string{}

var zhStatesUnit = map[string]string{}
