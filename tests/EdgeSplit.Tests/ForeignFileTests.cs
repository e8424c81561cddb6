using System.Text;

namespace EdgeSplit.Tests;

public class ForeignFileTests
{
    [Theory]
    [InlineData("PK\u0003\u0004....archive/data.pkl", "a zip file, as PyTorch writes .pt and .pth")]
    [InlineData("PK\u0003\u0004....train_images.npy", "a NumPy archive (.npz, a zip file)")]
    [InlineData("\u0080\u0002}q", "a Python pickle, as older PyTorch writes .pt and .pth")]
    [InlineData("\u001F\u008B\u0008", "a gzip file")]
    [InlineData("\u0093NUMPY\u0001", "a NumPy array (.npy)")]
    [InlineData("\u0089HDF\r\n", "an HDF5 file, as Keras writes them")]
    [InlineData("\u0008\u0008\u0012\u0007pytorch", "an ONNX model")]
    [InlineData("\u0002\u0001\u0000\u0000\u0000\u0000\u0000\u0000{\"a\"", "a safetensors file: weights")]
    [InlineData("name: mine\nblocks: []", null)]
    [InlineData("", null)]
    public void A_file_of_another_kind_is_known_by_its_first_bytes(string text, string? kind)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        Assert.Equal(kind, ForeignFile.Of(bytes)?.Kind);
        using MemoryStream stream = new(bytes);
        Assert.Equal(kind, ForeignFile.Of(stream)?.Kind);
        Assert.Equal(0, stream.Position);
    }
}
