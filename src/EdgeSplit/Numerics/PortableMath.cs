namespace EdgeSplit.Numerics;

/// <summary>
/// Logarithm and exponential from IEEE 754 operations alone, so that every platform gives the same bits: a C library's
/// <c>log</c> may differ in the last one, and a partition drawn from a Dirichlet distribution with it. Within 2 units in
/// the last place of the exact value.
/// </summary>
public static class PortableMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>The natural logarithm; NaN below zero, −∞ at zero. Algorithm of fdlibm's <c>e_log.c</c>.</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0)
            return double.NaN;
        if (x == 0)
            return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x))
            return x;

        int exponent = 0;
        if (!double.IsNormal(x))
        {
            x *= 18014398509481984.0; // 2^54
            exponent = -54;
        }

        long bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)((bits >> 52) & 0x7FF) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        double f = mantissa - 1;
        double s = f / (2 + f);
        double z = s * s;
        double w = z * z;
        double even = w * (3.999999999940941908e-01 + (w * (2.222219843214978396e-01 + (w * 1.531383769920937332e-01))));
        double odd = z * (6.666666666666735130e-01 + (w * (2.857142874366239149e-01
            + (w * (1.818357216161805012e-01 + (w * 1.479819860511658591e-01))))));
        double r = even + odd;
        double halfSquare = 0.5 * f * f;
        return (exponent * Ln2High) - (halfSquare - ((s * (halfSquare + r)) + (exponent * Ln2Low)) - f);
    }

    /// <summary>e to the power <paramref name="x"/>. Algorithm of fdlibm's <c>e_exp.c</c>.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x > 709.782712893384)
            return double.PositiveInfinity;
        if (x < -745.1332191019412)
            return 0;

        double k = Math.Round(x * 1.44269504088896338700);
        double high = x - (k * Ln2High);
        double low = k * Ln2Low;
        double reduced = high - low;
        double t = reduced * reduced;
        double c = reduced - (t * (1.66666666666666019037e-01 + (t * (-2.77777777770155933842e-03
            + (t * (6.61375632143793436117e-05 + (t * (-1.65339022054652515390e-06 + (t * 4.13813679705723846039e-08)))))))));
        double y = 1 - (low - (reduced * c / (2 - c)) - high);
        return Math.ScaleB(y, (int)k);
    }

    /// <summary><paramref name="x"/> to the power <paramref name="y"/>, for positive <paramref name="x"/>.</summary>
    public static double Pow(double x, double y) => Exp(y * Log(x));
}
