package lang

var enAttention = map[string]string{}

var zhAttention = map[string]string{}
