"""Every kind of widget that pages may use, labelled in Chinese: what is English is not ours."""

import pandas as pd
import streamlit as st

st.set_page_config(page_title="控件")
st.title("控件")
with st.sidebar:
    st.selectbox("单选", ["甲", "乙"], index=None, placeholder="全部")
st.multiselect("多选", ["甲", "乙"], key="several")
st.date_input("日期", value="2026-09-30", key="day")
st.date_input("期间", value=("2026-09-01", "2026-09-30"), key="days")
st.text_input("文字")
st.text_area("语句")
st.number_input("数字", value=1)
st.segmented_control("分段", ["甲", "乙"])
st.toggle("开关", help="说明文字")
st.download_button("下载", b"", file_name="a.csv")
st.code("代码", language=None)
with st.popover("更多"):
    st.write("内容")
with st.expander("展开"):
    st.write("内容")
st.tabs(["甲", "乙"])
st.dataframe(pd.DataFrame({"列": [1, 2]}))
