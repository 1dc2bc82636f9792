package lang

var enPrediction = map[string]string{}

var zhPrediction = map[string]string{}
