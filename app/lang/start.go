package lang

var enStart = map[string]string{}

var zhStart = map[string]string{}
