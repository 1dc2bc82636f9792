package lang

// Chinese is Simplified Chinese.
var Chinese = &Catalogue{Code: "zh-Hans", Name: "中文", text: merge(zhShell, zhDialog, zhStart, zhPrediction, zhStates, zhAttention)}
