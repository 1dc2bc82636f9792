package lang

// Of the parts beside the map: neighbours, sums, axes, sets, contexts, two maps.
var enWordsSide = map[string]string{}

var zhWordsSide = map[string]string{}
