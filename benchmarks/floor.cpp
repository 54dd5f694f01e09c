// The floor of jobs A and B: gradient and update with every size fixed, as a person would write it for this one job.
// Built by floor.py with -O3 -march=native -ffast-math; parameters lie as in Clearprop's flat vector.
// No loss, no record, no check: what a step can't be done without.

#include <algorithm>
#include <cmath>
#include <cstdint>

#ifdef __AVX512F__
constexpr int BYTES = 64;
#else
constexpr int BYTES = 32;
#endif

template <class T> struct Vector {
    static constexpr int N = BYTES / sizeof(T);
    typedef T type __attribute__((vector_size(BYTES)));
    typedef int32_t small __attribute__((vector_size(N * 4)));
};
typedef int64_t Long __attribute__((vector_size(BYTES)));

template <class V> static inline V load(const void *from) {
    V v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}
template <class V> static inline void store(void *to, V v) { __builtin_memcpy(to, &v, sizeof v); }

// exp(x) = 2^k exp(r), with k the whole number next to x / ln 2 and |r| <= ln 2 / 2: exp(r) by Taylor's polynomial
static inline Vector<double>::type exponential(Vector<double>::type x) {
    typedef Vector<double>::type V;
    x = x < -700.0 ? V{} - 700.0 : x;
    x = x > 700.0 ? V{} + 700.0 : x;
    auto whole = __builtin_convertvector(x * 1.4426950408889634 + 1024.5, Vector<double>::small) - 1024;
    V k = __builtin_convertvector(whole, V);
    V r = x - k * 0.6931471805599453;
    V p = V{} + 1.0 / 479001600;
    for (double c : {1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                     1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
        p = p * r + c;
    return (V)((Long)p + (__builtin_convertvector(whole, Long) << 52));
}

static inline Vector<float>::type exponential(Vector<float>::type x) {
    typedef Vector<float>::type V;
    x = x < -80.0f ? V{} - 80.0f : x;
    x = x > 80.0f ? V{} + 80.0f : x;
    auto whole = __builtin_convertvector(x * 1.44269504f + 128.5f, Vector<float>::small) - 128;
    V k = __builtin_convertvector(whole, V);
    V r = x - k * 0.693359375f + k * 2.12194440e-4f;
    V p = V{} + 1.0f / 5040;
    for (float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) p = p * r + c;
    return (V)((Vector<float>::small)p + (whole << 23));
}

template <class V> static inline V sigmoid(V z) { return 1 / (1 + exponential(-z)); }
template <class V> static inline V tanh_of(V z) { return 1 - 2 / (1 + exponential(2 * z)); }

template <class V> static inline auto total(V v) {
    auto sum = v[0];
    for (int i = 1; i < (int)(sizeof v / sizeof v[0]); ++i) sum += v[i];
    return sum;
}

// A: 2-4-1, tanh, 200 rows. A vector holds one number of several rows; everything of a row stays in registers.
template <class T> static void job_a(T *p, const T *x, const T *y, int64_t steps, T rate) {
    typedef typename Vector<T>::type V;
    constexpr int N = Vector<T>::N, ROWS = 200, BLOCKS = (ROWS + N - 1) / N, H = 4;
    alignas(BYTES) T x0[BLOCKS * N] = {}, x1[BLOCKS * N] = {}, t[BLOCKS * N] = {}, share[BLOCKS * N] = {};
    for (int i = 0; i < ROWS; ++i) x0[i] = x[2 * i], x1[i] = x[2 * i + 1], t[i] = y[i], share[i] = T(1) / ROWS;
    T *w1 = p, *b1 = p + 2 * H, *w2 = b1 + H, *b2 = w2 + H;
    for (int64_t step = 0; step < steps; ++step) {
        V g0[H] = {}, g1[H] = {}, gb[H] = {}, g2[H] = {}, gb2 = {};
        for (int i = 0; i < BLOCKS * N; i += N) {
            V u = load<V>(x0 + i), v = load<V>(x1 + i), a[H], z = V{} + b2[0];
            for (int k = 0; k < H; ++k) a[k] = tanh_of<V>(u * w1[k] + v * w1[H + k] + b1[k]);
            for (int k = 0; k < H; ++k) z += a[k] * w2[k];
            V d = (sigmoid<V>(z) - load<V>(t + i)) * load<V>(share + i);
            gb2 += d;
            for (int k = 0; k < H; ++k) {
                V e = d * w2[k] * (1 - a[k] * a[k]);
                g2[k] += d * a[k], gb[k] += e, g0[k] += e * u, g1[k] += e * v;
            }
        }
        for (int k = 0; k < H; ++k) {
            w1[k] -= rate * total(g0[k]), w1[H + k] -= rate * total(g1[k]);
            b1[k] -= rate * total(gb[k]), w2[k] -= rate * total(g2[k]);
        }
        b2[0] -= rate * total(gb2);
    }
}

// B: 2-16-16-1, leaky ReLU, 150 rows. A vector holds several units of one row: 16 is whole vectors in both dtypes.
template <class T> static void job_b(T *p, const T *x, const T *y, int64_t steps, T rate) {
    typedef typename Vector<T>::type V;
    constexpr int N = Vector<T>::N, H = 16, U = H / N, ROWS = 150;
    constexpr int R = 5, P = U >= 2 ? 2 : 1;  // R rows and P vectors of units at a time share what is loaded
    static_assert(ROWS % R == 0, "no rest");
    const T slope = T(0.05), share = T(1) / ROWS;
    T *w1 = p, *b1 = w1 + 2 * H, *w2 = b1 + H, *b2 = w2 + H * H, *w3 = b2 + H, *b3 = w3 + H;
    alignas(BYTES) T a1[ROWS * H], e2[ROWS * H], turned[H * H];
    alignas(BYTES) T score[(ROWS + N - 1) / N * N] = {}, d[(ROWS + N - 1) / N * N];
    for (int64_t step = 0; step < steps; ++step) {
        for (int j = 0; j < H; ++j)
            for (int k = 0; k < H; ++k) turned[k * H + j] = w2[j * H + k];
        V g3[U] = {};
        for (int r = 0; r < ROWS; r += R) {  // forward; e2 keeps a2 until its rows' d is known
            for (int i = r; i < r + R; ++i)
                for (int u = 0; u < U; ++u) {
                    V z = x[2 * i] * load<V>(w1 + u * N) + x[2 * i + 1] * load<V>(w1 + H + u * N) + load<V>(b1 + u * N);
                    store<V>(a1 + i * H + u * N, z > 0 ? z : z * slope);
                }
            for (int u = 0; u < U; u += P) {
                V z[R][P];
                for (int i = 0; i < R; ++i)
                    for (int q = 0; q < P; ++q) z[i][q] = load<V>(b2 + (u + q) * N);
                for (int j = 0; j < H; ++j)
                    for (int q = 0; q < P; ++q) {
                        V w = load<V>(w2 + j * H + (u + q) * N);
                        for (int i = 0; i < R; ++i) z[i][q] += a1[(r + i) * H + j] * w;
                    }
                for (int i = 0; i < R; ++i)
                    for (int q = 0; q < P; ++q)
                        store<V>(e2 + (r + i) * H + (u + q) * N, z[i][q] > 0 ? z[i][q] : z[i][q] * slope);
            }
            for (int i = r; i < r + R; ++i) {
                V s = {};
                for (int u = 0; u < U; ++u) s += load<V>(e2 + i * H + u * N) * load<V>(w3 + u * N);
                score[i] = total(s) + b3[0];
            }
        }
        T gb3 = 0;
        for (int i = 0; i < ROWS; i += N) store<V>(d + i, sigmoid<V>(load<V>(score + i)));
        for (int i = 0; i < ROWS; ++i) d[i] = (d[i] - y[i]) * share, gb3 += d[i];
        V g10[U] = {}, g11[U] = {}, gb1[U] = {}, gb2[U] = {};
        for (int r = 0; r < ROWS; r += R) {
            for (int i = r; i < r + R; ++i)
                for (int u = 0; u < U; ++u) {
                    V a = load<V>(e2 + i * H + u * N), e = d[i] * load<V>(w3 + u * N);
                    g3[u] += d[i] * a;
                    e = a > 0 ? e : e * slope;
                    gb2[u] += e;
                    store<V>(e2 + i * H + u * N, e);
                }
            for (int u = 0; u < U; u += P) {
                V e[R][P] = {};
                for (int k = 0; k < H; ++k)
                    for (int q = 0; q < P; ++q) {
                        V w = load<V>(turned + k * H + (u + q) * N);
                        for (int i = 0; i < R; ++i) e[i][q] += e2[(r + i) * H + k] * w;
                    }
                for (int i = 0; i < R; ++i)
                    for (int q = 0; q < P; ++q) {
                        int o = u + q;
                        V f = load<V>(a1 + (r + i) * H + o * N) > 0 ? e[i][q] : e[i][q] * slope;
                        gb1[o] += f, g10[o] += f * x[2 * (r + i)], g11[o] += f * x[2 * (r + i) + 1];
                    }
            }
        }
        constexpr int J = U >= 4 ? 2 : 4;  // so many of w2's rows at a time keep their sums in registers
        for (int j = 0; j < H; j += J) {
            V g[J][U] = {};
            for (int i = 0; i < ROWS; ++i)
                for (int u = 0; u < U; ++u) {
                    V e = load<V>(e2 + i * H + u * N);
                    for (int m = 0; m < J; ++m) g[m][u] += a1[i * H + j + m] * e;
                }
            for (int m = 0; m < J; ++m)
                for (int u = 0; u < U; ++u)
                    store<V>(w2 + (j + m) * H + u * N, load<V>(w2 + (j + m) * H + u * N) - rate * g[m][u]);
        }
        for (int u = 0; u < U; ++u) {
            int o = u * N;
            store<V>(w1 + o, load<V>(w1 + o) - rate * g10[u]), store<V>(w1 + H + o, load<V>(w1 + H + o) - rate * g11[u]);
            store<V>(b1 + o, load<V>(b1 + o) - rate * gb1[u]), store<V>(b2 + o, load<V>(b2 + o) - rate * gb2[u]);
            store<V>(w3 + o, load<V>(w3 + o) - rate * g3[u]);
        }
        b3[0] -= rate * gb3;
    }
}

extern "C" {
void a_float64(double *p, const double *x, const double *y, int64_t steps, double rate) { job_a(p, x, y, steps, rate); }
void a_float32(float *p, const float *x, const float *y, int64_t steps, float rate) { job_a(p, x, y, steps, rate); }
void b_float64(double *p, const double *x, const double *y, int64_t steps, double rate) { job_b(p, x, y, steps, rate); }
void b_float32(float *p, const float *x, const float *y, int64_t steps, float rate) { job_b(p, x, y, steps, rate); }
}
