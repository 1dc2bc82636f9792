// What the kernels share. They work in Go's memory, so they have no data of their own and no stack: all
// variables of a function fit in WASM's locals, and constants are instructions. Names, parameters and
// results are those of engine/tensor, where each kernel has its meaning and its portable form.
#include <wasm_simd128.h>

#define KERNEL(name, result) __attribute__((export_name(#name))) result name
#define UNROLL _Pragma("clang loop unroll(full)")
#define ROLL _Pragma("clang loop unroll(disable)")
#define INLINE static inline __attribute__((always_inline))

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef int i32;
typedef unsigned short u16;
typedef unsigned int u32;
typedef u16 __attribute__((aligned(1), may_alias)) unaligned16;
typedef u32 __attribute__((aligned(1), may_alias)) unaligned32;
typedef float f32;
typedef double f64;

INLINE v128_t load(const void *p) { return wasm_v128_load(p); }
INLINE void store(void *p, v128_t v) { wasm_v128_store(p, v); }

// addMul is a + b c; in relaxed.wasm in one step, rounded once, where the processor has it.
#ifdef __wasm_relaxed_simd__
INLINE v128_t addMul(v128_t a, v128_t b, v128_t c) { return (v128_t)__builtin_wasm_fma_f32x4((__f32x4)b, (__f32x4)c, (__f32x4)a); }
#else
INLINE v128_t addMul(v128_t a, v128_t b, v128_t c) { return wasm_f32x4_add(a, wasm_f32x4_mul(b, c)); }
#endif

// hide keeps clang 14 from seeing how v came about: it turns the conversion of an extended i16 into scalar code.
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

// sum1 is the sum of the lanes of a.
INLINE f32 sum1(v128_t a) {
	a = wasm_f32x4_add(a, wasm_i64x2_shuffle(a, a, 1, 0));
	return wasm_f32x4_extract_lane(a, 0) + wasm_f32x4_extract_lane(a, 1);
}

// low and high are the first and last two lanes of v as f64; narrow is their inverse.
INLINE v128_t low(v128_t v) { return wasm_f64x2_promote_low_f32x4(v); }
INLINE v128_t high(v128_t v) { return wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(v, v, 1, 0)); }
INLINE v128_t narrow(v128_t low, v128_t high) {
	return wasm_i64x2_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 2);
}
