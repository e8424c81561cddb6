using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Cli.Commands;

/// <summary>The samples of <c>predict</c>: raw, as a NumPy file has them, then as the network takes them.</summary>
internal static class PredictedSamples
{
    /// <summary>The array with its samples' axis; the caller's to dispose.</summary>
    /// <param name="path">The file.</param>
    /// <param name="contract">The weights'; null where they have none.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or is no array of samples.</exception>
    public static HostTensor Read(string path, DataContract? contract)
    {
        HostTensor array = NpyFile.Read(path);
        Shape? batch = contract is null ? BatchOf(array.Shape) : BatchOf(array.Shape, contract.SampleShape);
        if (batch is not { } shape)
        {
            string wanted = contract is null ? "[N, C, H, W] or [N, features], N at least 1, or one sample" : $"samples of {contract.SampleShape}, one or with a leading axis N";
            throw new InvalidInputException("--input", $"its array is {array.Shape}", $"give {wanted}");
        }

        if (shape == array.Shape)
            return array;
        HostTensor batched = HostTensor.Rent(array.ElementType, shape);
        array.Bytes.CopyTo(batched.Bytes);
        array.Dispose();
        return batched;
    }

    /// <summary>Makes of raw samples what the network takes, in place.</summary>
    /// <exception cref="InvalidInputException">Tokens are outside the network's vocabulary.</exception>
    public static void Prepare(HostTensor samples, DataContract? contract, Network network, bool areNormalized, string path)
    {
        int size = checked((int)network.Spec.Input.ElementCount);
        for (int index = 0; index < samples.Shape[0]; index++)
        {
            Span<float> sample = samples.As<float>().Slice(index * size, size);
            if (contract is not null && !areNormalized)
                contract.Prepare(sample);
            if (network.Vocabulary is int vocabulary && TokenRange.FirstOutside(sample, vocabulary) is >= 0 and var at)
            {
                throw new InvalidInputException(
                    path, string.Create(CultureInfo.InvariantCulture, $"sample {index} holds {sample[at]}, and {network.Spec.Name} takes whole numbers from 0 to {vocabulary - 1}"),
                    "give token numbers of its vocabulary");
            }
        }
    }

    /// <summary>An image or a row of features alone is a batch of one.</summary>
    private static Shape? BatchOf(Shape array) => array.Rank switch
    {
        2 or 4 when array[0] > 0 => array,
        1 or 3 => array.Prepend(1),
        _ => null,
    };

    /// <summary>One sample, or many; images of one channel may come without its axis, as NumPy users have them.</summary>
    private static Shape? BatchOf(Shape array, Shape sample)
    {
        if (array == sample)
            return sample.Prepend(1);
        if (array.Rank == 0 || array[0] == 0)
            return null;
        Shape each = array.WithoutLeading();
        bool isSame = each == sample || (sample is { Rank: 3 } && sample[0] == 1 && each == sample.WithoutLeading());
        return isSame ? sample.Prepend(array[0]) : sample is { Rank: 3 } && sample[0] == 1 && array == sample.WithoutLeading() ? sample.Prepend(1) : null;
    }
}
