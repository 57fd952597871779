namespace PaaS.Routing.Tests;

/// <summary>Pearson's chi-square test: how likely is it that counts are as uneven as these, or more, if every outcome is as likely as any other?</summary>
internal static class ChiSquare
{
    /// <summary>Sum over the outcomes of (seen - expected)² / expected.</summary>
    public static double Of(ReadOnlySpan<int> counts)
    {
        var total = 0L;
        foreach (var count in counts)
        {
            total += count;
        }

        var expected = (double)total / counts.Length;
        var sum = 0.0;
        foreach (var count in counts)
        {
            sum += (count - expected) * (count - expected) / expected;
        }

        return sum;
    }

    /// <summary>The chance that a chi-square variable of so many degrees of freedom is larger than a value: Q(k/2, x/2), the upper incomplete gamma function.</summary>
    public static double Survival(double value, int degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        var (a, x) = (degrees / 2.0, value / 2);
        return x == 0 ? 1 : x < a + 1 ? 1 - LowerBySeries(a, x) : UpperByFraction(a, x);
    }

    /// <summary>P(a, x) = x^a e^-x / Γ(a+1) · (1 + x/(a+1) + x²/((a+1)(a+2)) + ...).</summary>
    private static double LowerBySeries(double a, double x)
    {
        var term = 1.0;
        var sum = 1.0;
        for (var n = 1; term > sum * 1e-17; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum * Math.Exp((a * Math.Log(x)) - x - LogGamma(a + 1));
    }

    /// <summary>Q(a, x) by its continued fraction, evaluated as Lentz does.</summary>
    private static double UpperByFraction(double a, double x)
    {
        const double Tiny = 1e-300;
        var b = x + 1 - a;
        var c = 1 / Tiny;
        var d = 1 / b;
        var fraction = d;
        for (var n = 1; n < 1_000_000; n++)
        {
            var an = -n * (n - a);
            b += 2;
            d = 1 / NotZero((an * d) + b);
            c = NotZero(b + (an / c));
            fraction *= d * c;
            if (Math.Abs((d * c) - 1) < 1e-15)
            {
                return fraction * Math.Exp((a * Math.Log(x)) - x - LogGamma(a));
            }
        }

        throw new ArithmeticException($"Q({a}, {x}) does not converge.");

        static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }

    /// <summary>ln Γ(x) for x &gt; 0, by Lanczos' approximation (g = 7, nine coefficients): 15 digits.</summary>
    private static double LogGamma(double x)
    {
        ReadOnlySpan<double> coefficients =
        [
            0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
            12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
        ];
        var z = x - 1;
        var sum = coefficients[0];
        for (var i = 1; i < coefficients.Length; i++)
        {
            sum += coefficients[i] / (z + i);
        }

        var t = z + 7.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((z + 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }
}
