package states

const parens = "(1(2  (3)2)1)0(1 (2   )1(2)1)0"
