package lang

// Chinese is Simplified Chinese.
var Chinese = &Catalogue{Code: "zh-Hans", Name: "中文", text: merge(zhShell, zhDialog, zhFetch, zhStart, zhPrediction, zhStates, zhStatesMatches, zhStatesUnit, zhStatesMemory, zhAttention, zhWords, zhWordsSide, zhTracks, zhTranslate, zhTranslateWhatif, zhTranslateTests, zhTranslateNear, zhReference)}
