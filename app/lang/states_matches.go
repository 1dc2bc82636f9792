package lang

var enStatesMatches = map[string]string{}

var zhStatesMatches = map[string]string{}
