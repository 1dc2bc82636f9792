// What the kernels share. They work in Go's memory, so they have no data of their own and no stack: every
// function is a leaf whose variables fit in registers and WASM locals, and constants are built by instructions.
// engine/tensor/wasm_test.go reads kernel.wasm and checks that.
#include <wasm_simd128.h>

#define KERNEL(name) __attribute__((export_name(#name))) void name
#define INLINE static inline __attribute__((always_inline))

typedef signed char i8;
typedef short i16;
typedef int i32;
typedef unsigned short u16;
typedef unsigned int u32;
typedef float f32;

INLINE v128_t load(const f32 *p) { return wasm_v128_load(p); }

// hide keeps clang 14 from seeing that v was extended from i16: it would turn a conversion of it into scalar code.
INLINE v128_t hide(v128_t v) {
	__asm__("" : "+r"(v));
	return v;
}

// sum4 is the sums of the lanes of a, b, c and d.
INLINE v128_t sum4(v128_t a, v128_t b, v128_t c, v128_t d) {
	v128_t ab = wasm_f32x4_add(wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), wasm_i32x4_shuffle(a, b, 2, 6, 3, 7));
	v128_t cd = wasm_f32x4_add(wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), wasm_i32x4_shuffle(c, d, 2, 6, 3, 7));
	return wasm_f32x4_add(wasm_i64x2_shuffle(ab, cd, 0, 2), wasm_i64x2_shuffle(ab, cd, 1, 3));
}

// sum is the sum of the lanes of a.
INLINE f32 sum(v128_t a) {
	a = wasm_f32x4_add(a, wasm_i64x2_shuffle(a, a, 1, 0));
	return wasm_f32x4_extract_lane(a, 0) + wasm_f32x4_extract_lane(a, 1);
}
