package words

// Texts whose words have several senses, to see how they part from layer to layer: "bank", "spring", "light", "bear", "match"; 打, 花, 意思.

const sampleEn = `She walked down to the bank of the river and sat in the grass.
The bank lent them the money to buy the house.
We pulled the canoe up on the muddy bank and made a fire.
He keeps his savings in a small bank near the station.
The flood washed away part of the bank below the mill.
The bank raised its interest rate again this spring.
Willows grew along the bank of the stream.
A clerk at the bank counted the notes twice.
Otters had dug a hole in the steep bank of the canal.
The bank closed her account without a reason.
They fished from the left bank until it was dark.
My father worked for a bank that no longer exists.
In spring the fields turn green and the birds come back.
The spring of the old clock had lost its force.
A cold spring rises between the rocks above the village.
Last spring we planted three apple trees.
The mattress squeaked because a spring was broken.
They drank from a spring at the side of the path.
The shop sells warm coats until the end of spring.
He pressed the spring and the lid of the box flew open.
Water from the spring never freezes, even in January.
The light of the lamp fell on her book.
This suitcase is so light that a child can carry it.
A faint light was burning in the kitchen.
We had a light lunch of bread and fruit.
The light went out and the room was dark.
For summer you need a light jacket.
Morning light came through the curtains.
She is light on her feet and dances well.
A brown bear crossed the road in front of us.
I cannot bear the noise of this machine.
The bear slept in its cave all winter.
The old bridge could not bear the weight of the truck.
Hunters saw the tracks of a bear in the snow.
She could hardly bear to say goodbye.
These trees will bear fruit in two years.
A bear and her cubs were eating berries.
The match was over before it began to rain.
He struck a match and lit the candle.
Our team lost the match by a single goal.
There was only one match left in the box.
The crowd went home after the match.
`

const sampleZh = `他每天晚上都给母亲打电话。
孩子们放学以后在操场上打球。
不要打人，有话好好说。
她打电话来说今天不能上班。
周末我们常常一起打篮球。
哥哥打了弟弟，母亲很生气。
外面正在下雨，出门要打伞。
我打电话问了问医生。
他们在公园里打羽毛球。
太阳很大，她打着一把伞。
春天来了，院子里的花都开了。
他一个月花了三千块钱。
这朵花是红色的，很香。
买这本书花了我二十块。
她在窗前种了许多花。
别把时间都花在手机上。
桌上放着一瓶花。
装修房子花了他们半年。
他的意思我没听懂。
这部电影很有意思。
这个词是什么意思？
跟孩子们玩真有意思。
老师解释了这句话的意思。
他讲的故事没有意思。
`
