using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Tests.Torch;

/// <summary>FedProx: the gradient of μ/2 ‖w − w₀‖² beside the loss's.</summary>
[Collection(TorchCollection.Name)]
public class ProximalTermTests
{
    private const double Mu = 0.3;
    private const double Rate = 0.05;

    private static readonly Network Network = TorchLane.SmallNetwork;
    private static readonly HostTensor Input = TorchLane.Random(new Shape(4, 2, 8, 8), 1, ElementType.Float64);
    private static readonly int[] Labels = TorchLane.Labels(4, 5, 1);

    [Fact]
    public void The_first_step_is_as_without_it_and_the_second_is_pulled_back_by_mu_times_the_way_gone()
    {
        using Weights start = WeightInitializer.Initialize(Network, 1);
        using Weights once = After(1, 0, start), alsoOnce = After(1, Mu, start);
        using Weights twice = After(2, 0, start), pulled = After(2, Mu, start);
        foreach (ParameterSpec parameter in Network.Parameters.Where(parameter => parameter.Role == ParameterRole.Trainable))
        {
            Span<double> w0 = AsDoubles(start[parameter.Name]), w1 = once[parameter.Name].As<double>(), w2 = twice[parameter.Name].As<double>(), actual = pulled[parameter.Name].As<double>();
            Assert.True(once[parameter.Name].Bytes.SequenceEqual(alsoOnce[parameter.Name].Bytes));
            for (int element = 0; element < w0.Length; element++)
                Assert.Equal(w2[element] - (Rate * Mu * (w1[element] - w0[element])), actual[element], 1e-12);
        }
    }

    [Fact]
    public void What_it_adds_to_a_step_is_the_finite_difference_of_its_term()
    {
        using Weights start = WeightInitializer.Initialize(Network, 1);
        using Weights once = After(1, 0, start), twice = After(2, 0, start), pulled = After(2, Mu, start);
        const double step = 1e-4;
        foreach (ParameterSpec parameter in Network.Parameters.Where(parameter => parameter.Role == ParameterRole.Trainable))
        {
            double w0 = AsDoubles(start[parameter.Name])[0], w1 = once[parameter.Name].As<double>()[0];
            double numeric = (Term(w1 + step) - Term(w1 - step)) / (2 * step);
            Assert.Equal(numeric, (twice[parameter.Name].As<double>()[0] - pulled[parameter.Name].As<double>()[0]) / Rate, 1e-9);

            double Term(double w) => Mu / 2 * (w - w0) * (w - w0);
        }
    }

    private static Weights After(int steps, double mu, Weights start)
    {
        OptimizerSpec optimizer = new OptimizerSpec.Sgd { Proximal = mu };
        using ISegment segment = TorchLane.Engine(ElementType.Float64).Build(new SegmentSpec(Network, 1, Network.Length, optimizer), start);
        for (int step = 0; step < steps; step++)
        {
            segment.ForwardBackward(Input, Labels, new StepKey(1, 0, 1, step));
            segment.Step(Rate);
        }

        return segment.Save();
    }

    private static double[] AsDoubles(HostTensor tensor) => [.. tensor.As<float>().ToArray().Select(value => (double)value)];
}
