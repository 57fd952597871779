namespace PaaS.Routing.Tests;

public class ChiSquareTests
{
    /// <summary>Critical values as the tables of statistics print them, with three decimals.</summary>
    [Theory]
    [InlineData(3.841, 1, 0.05)]
    [InlineData(10.828, 1, 0.001)]
    [InlineData(5.991, 2, 0.05)]
    [InlineData(11.070, 5, 0.05)]
    [InlineData(18.307, 10, 0.05)]
    [InlineData(29.588, 10, 0.001)]
    [InlineData(1.479, 10, 0.999)]
    [InlineData(43.773, 30, 0.05)]
    [InlineData(67.505, 50, 0.05)]
    [InlineData(86.661, 50, 0.001)]
    [InlineData(24.674, 50, 0.999)]
    [InlineData(124.342, 100, 0.05)]
    [InlineData(149.449, 100, 0.001)]
    [InlineData(61.918, 100, 0.999)]
    public void The_tables_say_the_same(double value, int degrees, double chance) =>
        Assert.InRange(ChiSquare.Survival(value, degrees) / chance, 0.9992, 1.0008);

    /// <summary>For an even number of degrees there is a sum: e^-x/2 · Σ (x/2)^i / i!, i &lt; k/2.</summary>
    [Fact]
    public void For_even_degrees_it_is_the_sum_of_a_Poisson_distribution()
    {
        foreach (var degrees in new[] { 2, 4, 10, 40, 98, 300 })
        {
            for (var value = 0.5; value < 3 * degrees; value += degrees / 7.0)
            {
                var half = value / 2;
                var term = Math.Exp(-half);
                var sum = term;
                for (var i = 1; i < degrees / 2; i++)
                {
                    term *= half / i;
                    sum += term;
                }

                Assert.Equal(sum, ChiSquare.Survival(value, degrees), 1e-12);
            }
        }
    }

    /// <summary>With many degrees it nears the normal distribution (Wilson and Hilferty's cube root).</summary>
    [Theory]
    [InlineData(10_000, 0, 0.5)]
    [InlineData(10_000, 3.090232, 0.001)]
    [InlineData(60_000, -3.090232, 0.999)]
    public void With_many_degrees_its_cube_root_is_normal(int degrees, double deviations, double chance)
    {
        var spread = 2.0 / (9 * degrees);
        var value = degrees * Math.Pow(1 - spread + (deviations * Math.Sqrt(spread)), 3);

        Assert.InRange(ChiSquare.Survival(value, degrees) / chance, 0.999, 1.001);
    }

    [Fact]
    public void Nothing_is_smaller_than_nothing() => Assert.Equal(1, ChiSquare.Survival(0, 3));

    [Fact]
    public void Even_counts_have_a_chi_square_of_nothing_and_uneven_ones_the_sum_of_their_squares()
    {
        Assert.Equal(0, ChiSquare.Of([7, 7, 7]));
        Assert.Equal(4, ChiSquare.Of([60, 40]), 1e-12);
    }
}
