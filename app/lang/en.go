package lang

// English is the language in which Loupe is written.
var English = &Catalogue{Code: "en", Name: "EN", text: merge(enShell, enDialog, enFetch, enStart, enPrediction, enStates, enStatesMatches, enStatesUnit, enStatesMemory, enAttention, enWords, enWordsSide, enTracks, enTranslate, enTranslateWhatif, enTranslateTests, enTranslateNear, enReference)}
