package lang

var enWords = map[string]string{
	"words.busy": "Reading the vectors …",
}

var zhWords = map[string]string{
	"words.busy": "正在读取向量……",
}
