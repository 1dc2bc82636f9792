package lang

var enDialog = map[string]string{}

var zhDialog = map[string]string{}
