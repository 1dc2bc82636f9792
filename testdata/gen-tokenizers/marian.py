"""A tiny MarianTokenizer of transformers and what it makes of texts. transformers==4.57.1, sentencepiece==0.2.0; no sacremoses.

    python marian.py ../tokenizers/marian
"""
import io, json, os, sys

import sentencepiece
from transformers import MarianTokenizer

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
EN = "the cat sees a dog|a dog runs to the house|the house is red and the cat is black|dogs and cats run|one two three four five six|what does the red dog see ?".split("|")
FR = "le chat voit un chien|un chien court vers la maison|la maison est rouge et le chat est noir|les chiens et les chats courent|un deux trois quatre cinq six|que voit le chien rouge ?".split("|")


def train(lines, rule="identity"):  # nmt_nfkc, the usual one, is 230 KB
    b = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines * 20), model_writer=b, vocab_size=60, model_type="unigram", hard_vocab_limit=False, minloglevel=2,
                                                   normalization_rule_name=rule)
    return b.getvalue()


models = {"source.spm": train(EN), "target.spm": train(FR)}
pieces = []
for name, b in models.items():
    with open(f"{out}/{name}", "wb") as f:
        f.write(b)
    sp = sentencepiece.SentencePieceProcessor(model_proto=b)
    pieces += [sp.id_to_piece(i) for i in range(sp.get_piece_size()) if not (sp.is_control(i) or sp.is_unknown(i))]
pieces = [p for p in dict.fromkeys(pieces) if p != "▁six"]  # one that the vocabulary has not
vocab = {p: i for i, p in enumerate(["</s>", "<unk>", ">>fr<<", "z", *pieces, "<pad>"])}
with open(f"{out}/vocab.json", "w") as f:
    json.dump(vocab, f, ensure_ascii=False)
t = MarianTokenizer(f"{out}/source.spm", f"{out}/target.spm", f"{out}/vocab.json")
with open(f"{out}/config.json", "w") as f:
    json.dump({"model_type": "marian"}, f)
TEXTS = ["the cat sees a dog", ">>fr<< the red house", ">>fr<<the red house", "  two   spaces ", "six zebras", "Ünknown 猫 !", "", "the\tcat\nruns", "z", "le chien", "ﬁve"]
cases = [{"text": s, "ids": t(s).input_ids} for s in TEXTS]
targets = [{"ids": i, "text": t.decode(i, skip_special_tokens=True)} for i in (t(text_target=s).input_ids for s in ["le chat voit un chien", "la maison est rouge ?", "les chats"])]
with open(f"{out}/cases.json", "w") as f:
    json.dump({"source": cases, "target": targets}, f, ensure_ascii=False, indent=0)
